// Words of the command line to files of scenarios.
#include "tools/results/scenario_files.hpp"

#include "sim/base/error.hpp"
#include "tests/catch.hpp"

using namespace memwall;
using tools::find_scenarios;

TEST_CASE("expectations are no scenarios, whoever finds them") {
  const std::string folder = std::string(MEMWALL_SOURCE_DIR) + "/scenarios/compare";
  const std::string scenario = folder + "/h100.json";
  CHECK(find_scenarios({folder + "/h100.expect.json", scenario}) == std::vector<std::string>{scenario});
  for (const std::string& path : find_scenarios({folder})) CHECK(path.find(".expect.") == std::string::npos);
  CHECK_THROWS_AS(find_scenarios({folder + "/h100.expect.json"}), InputError);
  CHECK_THROWS_AS(find_scenarios({folder + "/no_such.json"}), InputError);
}
