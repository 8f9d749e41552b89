// What is left of each device's advantage when models get lighter: levers that change what a model costs.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/compare/question.hpp"

namespace memwall::tools::compare {

/// A way to make a model cheaper, at its real parameters (docs/models/levers.md).
struct Lever {
  std::string_view name;
  std::string_view what;   ///< what is set, with where its numbers are from
  std::string_view key;    ///< of `model`
  std::string_view value;  ///< JSON
};

/// Low-bit weights, KV compression, sparsity and sparse attention; distillation, which is another model, comes behind
/// them.
[[nodiscard]] std::span<const Lever> levers();

/// A smaller model that was made from this one, or is the next smaller of its family; empty where none is known.
[[nodiscard]] std::string_view distilled_from(std::string_view model);

/// A scenario with a lever.
struct LeverCell {
  std::optional<double> value;      ///< of the measure
  std::optional<double> gain;       ///< how many times better than the same scenario as given
  std::optional<double> advantage;  ///< how many times better than the first scenario with the same lever
  std::string refusal;              ///< not empty: there is no value, and why
};

struct LeverRow {
  std::string name;  ///< of the first row: "as given"
  std::string what;
  std::vector<LeverCell> cells;  ///< in the order of the scenarios
};

/// All levers on all scenarios. `student` is the model that distillation gives; absent: distilled_from() the
/// scenario's.
[[nodiscard]] std::vector<LeverRow> lever_rows(const Field& field, const std::optional<std::string>& student,
                                               const Measure& measure);

[[nodiscard]] Answer levers_answer(const Field& field, const std::vector<LeverRow>& rows, const Measure& measure);

}  // namespace memwall::tools::compare
