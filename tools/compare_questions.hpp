// What may be asked of a comparison beyond its table: a row a question.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "tools/compare/question.hpp"
#include "tools/options.hpp"

namespace memwall::tools {

struct Question {
  std::vector<Option> options;  ///< any of them asks it
  compare::Answer (*ask)(const compare::Field& field, const Arguments& given);

  [[nodiscard]] bool asked(const Arguments& given) const {
    return std::any_of(options.begin(), options.end(), [&](const Option& option) { return given.has(option.name); });
  }
};

/// In the order in which they are answered.
[[nodiscard]] std::span<const Question> compare_questions();

}  // namespace memwall::tools
