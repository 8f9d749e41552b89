// A comparison as text and as JSON.
#pragma once

#include <string>
#include <vector>

#include "tools/compare/contender.hpp"

namespace memwall::tools::compare {

/// A column for each contender, the first of which is what the others are compared with; then the tiers, the
/// differences and why.
[[nodiscard]] std::string comparison_text(const std::vector<Contender>& contenders);

/// The same as JSON: values of every run, differences with their intervals, tiers, reasons.
[[nodiscard]] std::string comparison_json(const std::vector<Contender>& contenders);

}  // namespace memwall::tools::compare
