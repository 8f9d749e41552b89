// A comparison as text and as JSON.
#pragma once

#include <string>
#include <vector>

#include "tools/compare/contender.hpp"
#include "tools/compare/question.hpp"

namespace memwall::tools::compare {

/// A column for each contender, the first of which is what the others are compared with; then the tiers, the
/// differences and why.
[[nodiscard]] std::string comparison_text(const std::vector<Contender>& contenders);

/// The same as JSON: values of every run, differences with their intervals, tiers, reasons, and the answers under their
/// keys.
[[nodiscard]] std::string comparison_json(const std::vector<Contender>& contenders, const std::vector<Answer>& answers);

}  // namespace memwall::tools::compare
