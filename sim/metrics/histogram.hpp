// A log-bucketed histogram of durations that takes a whole ramp of cycles at once.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/ramp.hpp"
#include "sim/base/time.hpp"

namespace memwall {

/// Counts of durations in buckets whose width is at most 1/256 of their lower edge (exact below 512 ps), in the manner
/// of HdrHistogram (hdrhistogram.org): the bucket of a value is its 9 leading bits and their position, found in
/// integers. So a quantile is within 0.4 % of the true one. Count, sum, least and largest value are exact.
///
/// A duration is given in fixed point (2^-24 ps) and falls into the bucket of its whole picoseconds. Adding the cycles
/// of a ramp at once or one by one, in any split, leaves the same histogram.
class Histogram {
 public:
  Histogram();

  /// `count` durations of this fixed-point length. Throws LogicError when the length is negative or past the clock's
  /// range.
  void add(Int128 fixed, std::int64_t count = 1);
  void add(Duration duration, std::int64_t count = 1) {
    add(static_cast<Int128>(duration.ps) << Ramp::fraction_bits, count);
  }

  /// `count` durations of length ramp.at(k) for each k in 0 .. cycles-1. O(buckets crossed). Throws like `add`.
  void add_ramp(Ramp ramp, std::int64_t cycles, std::int64_t count);

  void merge(const Histogram& other);

  [[nodiscard]] std::int64_t count() const { return count_; }
  [[nodiscard]] Int128 sum() const { return sum_; }         ///< fixed point
  [[nodiscard]] Duration min() const { return {min_ps_}; }  ///< whole picoseconds; 0 when empty
  [[nodiscard]] Duration max() const { return {max_ps_}; }

  /// Mean in picoseconds; 0 when empty.
  [[nodiscard]] double mean_ps() const;
  /// Population standard deviation in picoseconds, each duration taken at its place in its bucket; 0 when empty.
  [[nodiscard]] double deviation_ps() const;
  /// The p-quantile in picoseconds, p in [0, 1]; 0 when empty. Interpolates between the two nearest ranks at p (n - 1);
  /// the durations of a bucket are taken as spread evenly over the part of it that lies between least and largest.
  [[nodiscard]] double quantile_ps(double p) const;

  friend bool operator==(const Histogram&, const Histogram&) = default;

 private:
  [[nodiscard]] double at_rank(std::int64_t rank) const;
  [[nodiscard]] double place(std::size_t bucket, double fraction) const;
  void note(std::int64_t low_ps, std::int64_t high_ps);

  std::vector<std::int64_t> counts_;
  std::int64_t count_ = 0;
  Int128 sum_ = 0;
  std::int64_t min_ps_ = 0;
  std::int64_t max_ps_ = 0;
};

}  // namespace memwall
