// Whether a sampled mean is where theory puts it.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "tests/catch.hpp"

namespace memwall::test {

inline double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

/// Standard error of the mean of independent values.
inline double standard_error(const std::vector<double>& values) {
  const double mean = mean_of(values);
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const auto n = static_cast<double>(values.size());
  return std::sqrt(squares / (n - 1) / n);
}

/// Five standard errors: by chance alone one such check in a million fails. The error must be small beside what is
/// measured, or the check would say nothing.
inline void check_mean(const std::string& what, const std::vector<double>& values, double expected) {
  const double error = standard_error(values);
  INFO(what << ": " << mean_of(values) << " for " << expected << ", standard error " << error);
  CHECK(std::abs(mean_of(values) - expected) <= 5 * error);
  CHECK(error <= 0.05 * std::abs(expected));
}

}  // namespace memwall::test
