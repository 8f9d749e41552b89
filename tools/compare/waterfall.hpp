// From one scenario to another, a group of parameters at a time: which of them the difference comes from.
#pragma once

#include <string>
#include <vector>

#include "tools/compare/question.hpp"

namespace memwall::tools::compare {

/// What changed between two runs that differ in one group of parameters, or in several that could not be swapped apart.
struct Step {
  std::vector<std::string> groups;
  double from = 0;                  ///< the measure before; of the first step: of A itself
  double to = 0;                    ///< the measure after; of the last step: of B itself
  double change = 0;                ///< to less from, on a grid, so that changes add up to the whole without rounding
  std::vector<std::string> merged;  ///< why groups of this step were not swapped apart, a sentence each
  std::string tier;                 ///< the tier that moved most, with by how much
  std::string why;                  ///< who needs less machine time for a token, before or after
};

struct Waterfall {
  std::string from;  ///< names of A and B
  std::string to;
  double whole = 0;  ///< the difference, the exact sum of the changes
  std::vector<Step> steps;
  std::string refusal;  ///< not empty: there is none, and why
};

/// From `a` to `b`, places of the field, in the measure. Groups in which both say the same are no steps.
[[nodiscard]] Waterfall waterfall(const Field& field, std::size_t a, std::size_t b, const Measure& measure);

/// The differences between neighbours of `values`, each a multiple of 2^-40 of a power of two above the largest, so
/// that sums of them are exact. A difference moves by 2^-40 of the largest value at most.
[[nodiscard]] std::vector<double> exact_changes(const std::vector<double>& values);

/// From the first scenario to each other one.
[[nodiscard]] Answer waterfall_answer(const Field& field, const Measure& measure);

}  // namespace memwall::tools::compare
