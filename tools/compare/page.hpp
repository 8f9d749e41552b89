// A comparison as a page.
#pragma once

#include <string>
#include <vector>

#include "tools/compare/contender.hpp"
#include "tools/compare/question.hpp"
#include "tools/page/page.hpp"

namespace memwall::tools::compare {

/// The table as the terminal has it, the machine time of a token by tier side by side, what moved from the first to
/// each other, and the answers to further questions with their drawings.
[[nodiscard]] page::Page comparison_page(const std::vector<Contender>& contenders, const std::string& printed,
                                         const std::vector<Answer>& answers);

}  // namespace memwall::tools::compare
