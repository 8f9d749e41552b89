// Percentiles of a number of durations: exact while they are few, from a sketch when they are many.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/base/time.hpp"
#include "sim/metrics/histogram.hpp"

namespace memwall {

/// What a report says about a set of durations, in seconds. All 0 when the set is empty.
struct Summary {
  std::int64_t count = 0;
  double mean = 0;
  double std = 0;  ///< population standard deviation
  double p50 = 0;
  double p90 = 0;
  double p95 = 0;
  double p99 = 0;
  double max = 0;
};

/// The summary of what a histogram holds.
[[nodiscard]] Summary summarize(const Histogram& histogram);

/// Durations in whole picoseconds. Nothing depends on the order in which they were added.
class Distribution {
 public:
  /// From this many durations on, the histogram stands for them: percentiles within 0.4 %, the rest still exact.
  static constexpr std::size_t default_exact_below = 1'000'000;

  explicit Distribution(std::size_t exact_below = default_exact_below) : exact_below_(exact_below) {}

  /// Throws LogicError when the duration is negative.
  void add(Duration duration);
  void merge(const Distribution& other);

  [[nodiscard]] std::int64_t count() const;
  [[nodiscard]] bool exact() const { return !sketch_.has_value(); }
  [[nodiscard]] Summary summary() const;
  /// The quantiles in seconds at each p in [0, 1], by linear interpolation between the two nearest ranks at p (n - 1)
  /// (method 7 of Hyndman and Fan: Sample quantiles in statistical packages, 1996; numpy's default). 0 when empty.
  [[nodiscard]] std::vector<double> quantiles(const std::vector<double>& p) const;

 private:
  void sketch_if_many();

  std::size_t exact_below_;
  std::vector<std::int64_t> ps_;
  std::optional<Histogram> sketch_;
};

}  // namespace memwall
