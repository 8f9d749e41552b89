// Every recorded scheduler case, in this project's folder and in the one that MEMWALL_GOLDEN names.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "tests/catch.hpp"
#include "tests/golden/scheduler_case.hpp"

using namespace memwall::test;

namespace {

int run_folder(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".jsonl") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  int run = 0;
  for (const auto& file : files) {
    const CaseOutcome outcome = run_case(file);
    if (!outcome.skipped.empty()) {
      std::cout << "SKIPPED: " << file.filename().string() << ": " << outcome.skipped << "\n";
      continue;
    }
    ++run;
    for (const std::string& difference : outcome.differences) UNSCOPED_INFO(difference);
    INFO(file.filename().string());
    CHECK(outcome.steps_compared > 0);
    CHECK(outcome.differences.empty());
  }
  return run;
}

}  // namespace

TEST_CASE("recorded vLLM scheduler cases match batch by batch and block by block") {
  const std::filesystem::path own = std::filesystem::path(MEMWALL_SOURCE_DIR) / "tests/golden/schedulers";
  CHECK(run_folder(own) >= 17);  // every case of the folder is of an engine that is built
}

TEST_CASE("recorded cases of the folder that MEMWALL_GOLDEN names match") {
  const char* folder = std::getenv("MEMWALL_GOLDEN");
  if (folder == nullptr) {
    std::cout << "SKIPPED: MEMWALL_GOLDEN names no folder of further cases\n";
    return;
  }
  CHECK(run_folder(folder) > 0);
}
