// Differences between paired runs, with their uncertainty.
#pragma once

#include <optional>
#include <vector>

namespace memwall::tools::compare {

/// Mean of the differences `b[i] - a[i]` of paired runs. With two pairs or more also the half width of their 95 %
/// confidence interval, by Student's distribution: t(0.975, n - 1) s / sqrt(n).
struct Difference {
  double mean = 0;
  std::optional<double> half_width;
};

/// Throws LogicError where the two are not equally many, or none.
[[nodiscard]] Difference paired_difference(const std::vector<double>& a, const std::vector<double>& b);

[[nodiscard]] double mean(const std::vector<double>& values);

}  // namespace memwall::tools::compare
