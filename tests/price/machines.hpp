// Engines of the project's scenarios, for the tests of prices.
#pragma once

#include <string>
#include <vector>

#include "tools/catalogue.hpp"
#include "tools/price/curve.hpp"

namespace memwall::test {

inline const Catalogue& catalogue() {
  static const Catalogue all = tools::program_catalogue();
  return all;
}

inline std::string scenario_path(const std::string& name) {
  return std::string(MEMWALL_SOURCE_DIR) + "/scenarios/" + name + ".json";
}

inline tools::price::Engine engine_of(const std::string& scenario, const std::vector<std::string>& edits = {}) {
  return tools::price::load_engine(scenario_path(scenario), catalogue(), edits, 1000);
}

}  // namespace memwall::test
