// The measured columns that a simulation is compared with.
#pragma once

#include <span>
#include <string_view>

#include "tools/accuracy/simulate.hpp"

namespace memwall::accuracy {

/// One row of the table of metrics: a column, and the same quantity of a simulated run in the column's unit.
struct Metric {
  std::string_view column;
  double (*of)(const Simulated& run);
};

/// In the order in which tables show them.
[[nodiscard]] std::span<const Metric> metrics();

/// nullptr where no such column is compared.
[[nodiscard]] const Metric* find_metric(std::string_view column);

}  // namespace memwall::accuracy
