// Prompt and answer lengths of a trace in numbers.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace memwall {

/// The quantile of ascending values, interpolated linearly; 0 of none.
[[nodiscard]] double sorted_quantile(const std::vector<double>& ascending, double p);

/// Mean and quantiles (1, 5, 25, 50, 75, 90, 95, 99 %, interpolated linearly) of token counts, and the lognormal with
/// the mean and standard deviation of their logarithms (zeros left out).
struct LengthStats {
  static constexpr std::array<double, 8> levels = {0.01, 0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99};
  double mean = 0;
  std::array<double, 8> quantiles{};
  std::int64_t max = 0;
  double log_mean = 0, log_deviation = 0;
};

[[nodiscard]] LengthStats length_stats(std::vector<std::int64_t> lengths);

/// How input and output go together, by value and by rank (ties share their mean rank); 0 where one of them is
/// constant. Lists of equal length.
struct Correlation {
  double pearson = 0;
  double spearman = 0;
};

[[nodiscard]] Correlation correlation(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b);

}  // namespace memwall
