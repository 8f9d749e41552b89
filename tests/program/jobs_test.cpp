// Several scenarios in one call: each as if it ran alone, whatever the number of threads.
#include <map>

#include "tests/catch.hpp"
#include "tests/program/program.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

const std::vector<std::string> digest_scenarios = {
    "scenarios/digest/preemption.json", "scenarios/digest/moe_tensor_parallel.json", "scenarios/quickstart.json"};

/// Every file that the run of a scenario writes, but the one that tells how long it took.
std::map<std::string, std::string> files_in(const Path& folder) {
  std::map<std::string, std::string> files;
  for (const std::string& name : names_in(folder)) {
    if (name != "performance.json") files[name] = read_text(folder / name);
  }
  return files;
}

}  // namespace

TEST_CASE("scenarios that run side by side give the same bytes as alone, in the order in which they were named") {
  std::string alone;
  std::map<std::string, std::map<std::string, std::string>> files;
  for (const std::string& path : digest_scenarios) {
    alone += run_program({"run", path}).out;
    const Path folder = scratch("alone");
    REQUIRE(run_program({"run", path, "--quiet", "--out", folder.string()}).code == 0);
    files[Path(path).stem()] = files_in(folder);
    CHECK(files_in(folder).size() == 6);
  }
  for (const char* jobs : {"1", "3"}) {
    std::vector<std::string> words = {"run"};
    words.insert(words.end(), digest_scenarios.begin(), digest_scenarios.end());
    words.insert(words.end(), {"--jobs", jobs});
    CHECK(run_program(words).out == alone);
    const Path folder = scratch("together");
    words.insert(words.end(), {"--quiet", "--out", folder.string()});
    REQUIRE(run_program(words).code == 0);
    for (const auto& [name, expected] : files) {
      INFO(name << " with " << jobs << " jobs");
      CHECK((files_in(folder / name) == expected));
    }
  }
}

TEST_CASE("the faults of all scenarios are told before any of them runs") {
  const Path folder = scratch("faults_of_all");
  write_text(folder / "a.json", R"({ "schema": 1, "nonsense": 1 })");
  write_text(folder / "b.json", R"({ "schema": 1, "rubbish": 1 })");
  const Ended ended = run_program({"run", "scenarios/quickstart.json", (folder / "a.json").string(),
                                   (folder / "b.json").string(), "--out", (folder / "out").string()});
  CHECK(ended.code == 2);
  CHECK(ended.out == "");
  CHECK(ended.err.find("nonsense") != std::string::npos);
  CHECK(ended.err.find("rubbish") != std::string::npos);
  CHECK(names_in(folder / "out").empty());
}

TEST_CASE("two scenarios that would write to one folder are refused") {
  const Path folder = scratch("one_folder");
  const Ended ended =
      run_program({"run", "scenarios/quickstart.json", "scenarios/quickstart.json", "--out", folder.string()});
  CHECK(ended.code == 2);
  CHECK(ended.err.find("two scenarios would write to") != std::string::npos);
}
