// The parameters of a scenario in groups that can be swapped between two scenarios.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "tools/compare/sheet.hpp"

namespace memwall::tools::compare {

struct ParameterGroup {
  std::string_view name;
  std::vector<std::string_view> root;  ///< keys of the scenario
  std::vector<std::string_view> pool;  ///< keys of each of its pools
};

/// In the order in which they are swapped: device, links and parallelism, model and precision, engine. What is in none
/// of them is the rest.
[[nodiscard]] std::span<const ParameterGroup> parameter_groups();

/// Whether two scenarios say the same in a group. Where one has more pools, they differ in every group that pools have.
[[nodiscard]] bool same_group(const Sheet& a, const Sheet& b, const ParameterGroup& group);

/// Whether they say the same in everything that no group has, apart from the name.
[[nodiscard]] bool same_rest(const Sheet& a, const Sheet& b);

/// The sheet with a group as `from` has it. The two must have equally many pools.
void take_group(Sheet& sheet, const Sheet& from, const ParameterGroup& group);

}  // namespace memwall::tools::compare
