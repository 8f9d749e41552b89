#include "sim/base/atomic_file.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <vector>

#include "sim/base/error.hpp"
#include "tests/catch.hpp"

using namespace memwall;
namespace fs = std::filesystem;
using Staging = AtomicFile::Staging;

namespace {

/// A fresh folder that disappears with the test.
struct Folder {
  fs::path path = fs::path(MEMWALL_BINARY_DIR) / ("atomic_file_test-" + std::to_string(::getpid()));
  Folder() {
    fs::remove_all(path);
    fs::create_directories(path);
  }
  ~Folder() { fs::remove_all(path); }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(path)) out.push_back(entry.path().filename().string());
    return out;
  }
};

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

constexpr Staging both[] = {Staging::unnamed_if_possible, Staging::named};

}  // namespace

TEST_CASE("a file has its name after commit and not before") {
  for (const Staging staging : both) {
    const Folder folder;
    const fs::path path = folder.path / "summary.json";
    std::string expected;
    {
      AtomicFile file(path, staging);
      for (int i = 0; i < 200000; ++i) {
        const std::string piece = std::to_string(i) + ",";
        file.append(piece);
        expected += piece;
      }
      const std::string large(1000000, 'x');
      file.append(large);
      file.append("end");
      expected += large + "end";
      CHECK_FALSE(fs::exists(path));
      file.commit();
      CHECK(fs::exists(path));
      CHECK_THROWS_AS(file.commit(), LogicError);
      CHECK_THROWS_AS(file.append("more"), LogicError);
    }
    CHECK(content(path) == expected);
    CHECK(folder.names() == std::vector<std::string>{"summary.json"});
  }
}

TEST_CASE("a file that is not committed leaves what was there") {
  for (const Staging staging : both) {
    const Folder folder;
    const fs::path path = folder.path / "requests.csv";
    std::ofstream(path) << "old";
    try {
      AtomicFile file(path, staging);
      file.append(std::string(1000000, 'x'));
      throw InputError("something else went wrong");
    } catch (const InputError&) {
    }
    CHECK(content(path) == "old");
    CHECK(folder.names().size() == 1);
    AtomicFile file(path, staging);
    file.append("new");
    file.commit();
    CHECK(content(path) == "new");
  }
}

TEST_CASE("an empty file is a file, and stale leftovers of the same process number do no harm") {
  for (const Staging staging : both) {
    const Folder folder;
    const fs::path path = folder.path / "empty";
    std::ofstream(path.string() + ".partial-" + std::to_string(::getpid()) + "-0") << "stale";
    AtomicFile file(path, staging);
    file.commit();
    CHECK(content(path).empty());
    CHECK(fs::exists(path));
    CHECK(folder.names().size() == 2);
  }
}

TEST_CASE("a killed process leaves nothing under the final name") {
  for (const int signal : {SIGINT, SIGTERM, SIGKILL}) {
    for (const Staging staging : both) {
      const Folder folder;
      const fs::path path = folder.path / "cycles.csv";
      const pid_t child = ::fork();
      REQUIRE(child >= 0);
      if (child == 0) {
        std::signal(signal, SIG_DFL);
        AtomicFile file(path, staging);
        file.append(std::string(1000000, 'x'));
        ::kill(::getpid(), signal);
        ::_exit(0);
      }
      int status = 0;
      REQUIRE(::waitpid(child, &status, 0) == child);
      CHECK(WIFSIGNALED(status));
      for (const std::string& name : folder.names()) CHECK(name.find(".partial-") != std::string::npos);
      CHECK_FALSE(fs::exists(path));
    }
  }
}

TEST_CASE("a file that cannot be written is refused with its path") {
  const Folder folder;
  for (const Staging staging : both) {
    CHECK_THROWS_AS(AtomicFile(folder.path / "absent" / "x", staging), InputError);
    CHECK_THROWS_AS(AtomicFile(folder.path, staging), InputError);
    CHECK_THROWS_AS(AtomicFile("", staging), InputError);
    std::ofstream(folder.path / "plain").flush();
    CHECK_THROWS_AS(AtomicFile(folder.path / "plain" / "x", staging), InputError);
  }
  try {
    AtomicFile file(folder.path / "absent" / "x");
  } catch (const InputError& error) {
    CHECK(error.faults().at(0).file == (folder.path / "absent" / "x").string());
    CHECK(error.faults().at(0).message.find("No such file or directory") != std::string::npos);
  }
}

TEST_CASE("a full disk is an error and leaves nothing") {
  // A limit on the size of files stands in for a full disk: both make write() fall short and then fail.
  const Folder folder;
  rlimit old{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &old) == 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  for (const Staging staging : both) {
    rlimit small = old;
    small.rlim_cur = 300000;
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    bool refused = false;
    try {
      AtomicFile file(folder.path / "x", staging);
      for (int i = 0; i < 10; ++i) file.append(std::string(100000, 'x'));
      file.commit();
    } catch (const InputError&) {
      refused = true;
    }
    ::setrlimit(RLIMIT_FSIZE, &old);
    CHECK(refused);
    CHECK(folder.names().empty());
  }
  std::signal(SIGXFSZ, old_handler);
}
