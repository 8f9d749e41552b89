// The file of results: what goes in comes out in order, and what is not ours is refused.
#include "tools/sweep/store.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>

#include "sim/base/error.hpp"
#include "tests/catch.hpp"
#include "tests/refusal.hpp"

using namespace memwall;
using namespace memwall::tools::sweep;
namespace fs = std::filesystem;

namespace {

fs::path scratch(const std::string& name) {
  const fs::path folder = fs::path(MEMWALL_BINARY_DIR) / "sweep_tests" / name;
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

Identity identity() { return {"0.1.0", "{}", "0123", "grid", "/a=1,2", 2}; }

PointResult result(double value) {
  PointResult out;
  out.scenario = "5ce0";
  out.device_data = "da7a";
  out.digest = "d19e";
  out.metrics = {{"/b", value}, {"/a", 0.1}, {"/c,d", 1e300}};
  return out;
}

PointResult refusal() {
  PointResult out;
  out.status = PointResult::Status::refused;
  out.reason = "does not fit,\nby \"much\"";
  return out;
}

std::size_t files_in(const fs::path& folder) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder)) ++count;
  return count;
}

const std::string whole =
    "point,kind,pointer,value\n"
    "0,status,,refused\n"
    "0,reason,,\"does not fit,\nby \"\"much\"\"\"\n"
    "0,scenario,,\n0,device_data,,\n0,digest,,\n"
    "0,parameter,/z,1 /s\n0,parameter,/a,x\n"
    "1,status,,done\n1,reason,,\n1,scenario,,5ce0\n1,device_data,,da7a\n1,digest,,d19e\n"
    "1,parameter,/z,2 /s\n1,parameter,/a,x\n"
    "1,metric,/a,0.1\n1,metric,/b,-2.5\n1,metric,\"/c,d\",1e+300\n";

void fill(Store& store) {
  store.add(1, {{"/z", "2 /s"}, {"/a", "x"}}, result(-2.5));
  store.add(0, {{"/z", "1 /s"}, {"/a", "x"}}, refusal());
}

}  // namespace

TEST_CASE("a store dumps by point whatever order points came in, in memory and in a file alike") {
  Store memory(identity());
  fill(memory);
  memory.finish();
  CHECK(memory.dump() == whole);
  const fs::path folder = scratch("dump");
  {
    Store file(folder, identity(), false);
    fill(file);
    file.finish();
  }
  CHECK(files_in(folder) == 1);
  CHECK(Store(folder).dump() == whole);
  CHECK(files_in(folder) == 1);
}

TEST_CASE("a store that was left alone goes on") {
  const fs::path folder = scratch("resume");
  {
    Store file(folder, identity(), false);
    file.add(1, {{"/z", "2 /s"}, {"/a", "x"}}, result(-2.5));
  }
  {
    Store file(folder, identity(), true);
    CHECK(file.ids() == std::vector<std::int64_t>{1});
    file.add(0, {{"/z", "1 /s"}, {"/a", "x"}}, refusal());
    file.finish();
  }
  CHECK(files_in(folder) == 1);
  CHECK(Store(folder).dump() == whole);
}

TEST_CASE("a store answers metrics by point and the names of all") {
  Store store(identity());
  fill(store);
  CHECK(store.metric("/b") == std::map<std::int64_t, double>{{1, -2.5}});
  CHECK(store.metric("/nothing").empty());
  CHECK(store.metric_pointers() == std::vector<std::string>{"/a", "/b", "/c,d"});
  CHECK(store.points()[0].reason == refusal().reason);
}

TEST_CASE("results are not overwritten, and not mixed with those of another sweep") {
  const fs::path folder = scratch("mixed");
  const std::string path = (folder / "results.sqlite").string();
  {
    Store file(folder, identity(), false);
    fill(file);
    file.finish();
  }
  CHECK(test::refusal_of([&] { Store(folder, identity(), false); }) ==
        path + ": holds results already; go on with them with --resume, or name another folder");
  Identity other = identity();
  other.axes = "/a=1,3";
  other.points = 3;
  CHECK(test::refusal_of([&] { Store(folder, other, true); }) ==
        path + ": axes: is of another sweep: /a=1,2 there, /a=1,3 here; name another folder\n" + path +
            ": points: is of another sweep: 2 there, 3 here; name another folder");
  CHECK(Store(folder).dump() == whole);
  CHECK(files_in(folder) == 1);
}

TEST_CASE("files that are not ours are refused and left as they are") {
  const fs::path folder = scratch("foreign");
  const fs::path path = folder / "results.sqlite";
  const std::string text(5000, 'x');
  std::ofstream(path) << text;
  CHECK(test::refusal_of([&] { Store(folder, identity(), true); }) == path.string() + ": is no SQLite file");
  CHECK(test::refusal_of([&] { (void)Store(folder).dump(); }) == path.string() + ": is no SQLite file");
  CHECK(fs::file_size(path) == text.size());
  fs::remove(path);
  {
    Database foreign(path.string(), Database::Access::create);
    foreign.run("CREATE TABLE points (id INTEGER)");
  }
  CHECK(test::refusal_of([&] { Store(folder, identity(), true); }) == path.string() + ": holds no results of a sweep");
  CHECK(test::refusal_of([&] { (void)Store(folder).dump(); }) == path.string() + ": holds no results of a sweep");
  CHECK(test::refusal_of([&] { Store(folder / "nowhere"); }) ==
        (folder / "nowhere" / "results.sqlite").string() + ": there is no such file; sweep --out DIR writes one");
  CHECK(test::refusal_of([&] { Store(path.string(), identity(), false); }) ==
        "--out " + path.string() + ": this is a file; name a folder, which is made where it does not exist");
}

TEST_CASE("an empty file, which a program leaves that is killed at once, is begun with") {
  const fs::path folder = scratch("empty");
  std::ofstream(folder / "results.sqlite") << "";
  Store file(folder, identity(), true);
  fill(file);
  file.finish();
  CHECK(file.dump() == whole);
}

TEST_CASE("two programs do not write to one file") {
  const fs::path folder = scratch("two");
  Store first(folder, identity(), false);
  fill(first);
  const std::string path = (folder / "results.sqlite").string();
  const std::string busy = path + ": is in use by another program, such as a sweep that still runs";
  CHECK(test::refusal_of([&] { Store(folder, identity(), true); }) == busy);
  CHECK(test::refusal_of([&] { (void)Store(folder).dump(); }) == busy);
  first.finish();
  CHECK(first.dump() == whole);
}

TEST_CASE("a point that was added is there after the program is killed at once") {
  const fs::path folder = scratch("killed");
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    Store file(folder, identity(), false);
    fill(file);
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  Store file(folder, identity(), true);
  CHECK(file.ids() == std::vector<std::int64_t>{0, 1});
  file.finish();
  CHECK(file.dump() == whole);
}
