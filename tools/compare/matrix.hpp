// Devices against models and traffic: who wins where, and whose worst case is the least bad.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/compare/question.hpp"

namespace memwall::tools::compare {

/// A scenario of the comparison with another model and other traffic.
struct Cell {
  std::optional<double> value;   ///< of the measure
  std::optional<double> regret;  ///< how much worse than the best of its row, as a share of the best; 0 = the best
  double devices = 0;
  std::string refusal;  ///< not empty: there is no value, and why
};

struct Row {
  std::string traffic;
  std::string model;
  std::string kind;         ///< of model: "MoE MLA"
  std::vector<Cell> cells;  ///< in the order of the scenarios
  /// The place of the best cell, the first of equals; nothing where none has a value.
  [[nodiscard]] std::optional<std::size_t> winner() const;
};

struct Matrix {
  Measure measure;
  std::vector<std::string> names;  ///< of the scenarios
  std::vector<Row> rows;

  /// The worst regret of a scenario over the rows in which it has a value, and the rows in which it has none.
  struct Worst {
    double regret = 0;
    std::size_t refusals = 0;
  };
  [[nodiscard]] Worst worst(std::size_t scenario) const;
  /// The scenario with the fewest refusals and of those the one of least worst regret, the first of equals. Nothing
  /// where none ever has a value.
  [[nodiscard]] std::optional<std::size_t> most_robust() const;
};

/// Writes the regrets of a row from its values.
void set_regrets(Row& row, bool higher_is_better);

/// Every scenario with every model under every traffic; an empty list stands for what the scenarios have. `metric` as
/// measure_for() takes it.
[[nodiscard]] Matrix matrix_of(const Field& field, const std::vector<std::string>& models,
                               const std::vector<std::string>& traffic, const std::optional<std::string>& metric);

[[nodiscard]] Answer matrix_answer(const Matrix& matrix);

}  // namespace memwall::tools::compare
