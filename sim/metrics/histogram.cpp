#include "sim/metrics/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "sim/base/error.hpp"

namespace memwall {
namespace {

constexpr int sub_bits = 8;
// One bucket more than the largest int64 needs would have a lower edge of 2^63.
constexpr std::size_t buckets = static_cast<std::size_t>(63 - sub_bits + 1) << sub_bits;

std::size_t bucket_of(std::int64_t ps) {
  const auto value = static_cast<std::uint64_t>(ps);
  if (value < (std::uint64_t{1} << sub_bits)) return static_cast<std::size_t>(value);
  const int shift = 63 - std::countl_zero(value) - sub_bits;
  return (static_cast<std::size_t>(shift) << sub_bits) + static_cast<std::size_t>(value >> shift);
}

/// The least value of a bucket; that of the bucket past the last one is 2^63.
std::uint64_t lower_edge(std::size_t bucket) {
  if (bucket < (std::size_t{2} << sub_bits)) return bucket;
  const std::size_t shift = (bucket >> sub_bits) - 1;
  return static_cast<std::uint64_t>(bucket - (shift << sub_bits)) << shift;
}

Int128 fixed_edge(std::size_t bucket) { return static_cast<Int128>(lower_edge(bucket)) << Ramp::fraction_bits; }

constexpr Int128 fixed_range = static_cast<Int128>(1) << (63 + Ramp::fraction_bits);

void in_range(Int128 fixed) {
  law(fixed >= 0 && fixed < fixed_range, "a duration is negative or longer than the clock's range");
}

/// The first cycle after k in which a ramp that changes at all has left this bucket.
Int128 leaves(Ramp ramp, std::size_t bucket) {
  if (ramp.step > 0) return (fixed_edge(bucket + 1) - ramp.first + ramp.step - 1) / ramp.step;
  return (ramp.first - fixed_edge(bucket)) / -ramp.step + 1;
}

}  // namespace

Histogram::Histogram() : counts_(buckets, 0) {}

void Histogram::note(std::int64_t low_ps, std::int64_t high_ps) {
  min_ps_ = count_ == 0 ? low_ps : std::min(min_ps_, low_ps);
  max_ps_ = std::max(max_ps_, high_ps);
}

void Histogram::add(Int128 fixed, std::int64_t count) {
  if (count <= 0) return;
  in_range(fixed);
  const std::int64_t ps = whole_ps(fixed);
  note(ps, ps);
  counts_[bucket_of(ps)] += count;
  count_ += count;
  sum_ += fixed * count;
}

void Histogram::add_ramp(Ramp ramp, std::int64_t cycles, std::int64_t count) {
  if (cycles <= 0 || count <= 0) return;
  const Int128 last = ramp.at(cycles - 1);
  in_range(ramp.first);
  in_range(last);
  const std::int64_t first_ps = whole_ps(ramp.first);
  const std::int64_t last_ps = whole_ps(last);
  note(std::min(first_ps, last_ps), std::max(first_ps, last_ps));
  count_ += cycles * count;
  sum_ += ramp.sum(cycles) * count;

  const std::size_t end = bucket_of(last_ps);
  std::size_t bucket = bucket_of(first_ps);
  std::int64_t from = 0;
  while (bucket != end) {
    const auto until = static_cast<std::int64_t>(leaves(ramp, bucket));
    counts_[bucket] += (until - from) * count;
    from = until;
    bucket = bucket_of(whole_ps(ramp.at(from)));
  }
  counts_[end] += (cycles - from) * count;
}

void Histogram::merge(const Histogram& other) {
  if (other.count_ == 0) return;
  note(other.min_ps_, other.max_ps_);
  for (std::size_t i = bucket_of(other.min_ps_); i <= bucket_of(other.max_ps_); ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  sum_ += other.sum_;
}

double Histogram::mean_ps() const {
  if (count_ == 0) return 0;
  return static_cast<double>(sum_) / static_cast<double>(1 << Ramp::fraction_bits) / static_cast<double>(count_);
}

double Histogram::place(std::size_t bucket, double fraction) const {
  const double low = static_cast<double>(std::max(lower_edge(bucket), static_cast<std::uint64_t>(min_ps_)));
  const double high = static_cast<double>(std::min(lower_edge(bucket + 1) - 1, static_cast<std::uint64_t>(max_ps_)));
  return low + (high - low) * fraction;
}

double Histogram::at_rank(std::int64_t rank) const {
  if (rank <= 0) return static_cast<double>(min_ps_);
  if (rank >= count_ - 1) return static_cast<double>(max_ps_);
  std::int64_t before = 0;
  std::size_t bucket = bucket_of(min_ps_);
  while (before + counts_[bucket] <= rank) before += counts_[bucket++];
  return place(bucket, (static_cast<double>(rank - before) + 0.5) / static_cast<double>(counts_[bucket]));
}

double Histogram::quantile_ps(double p) const {
  if (count_ == 0) return 0;
  law(p >= 0 && p <= 1, "a quantile is asked for outside of 0 to 1");
  const double position = p * static_cast<double>(count_ - 1);
  const auto rank = static_cast<std::int64_t>(position);
  const double low = at_rank(rank);
  return low + (at_rank(rank + 1) - low) * (position - static_cast<double>(rank));
}

double Histogram::deviation_ps() const {
  if (count_ == 0) return 0;
  const double mean = mean_ps();
  double squares = 0;
  for (std::size_t i = bucket_of(min_ps_); i <= bucket_of(max_ps_); ++i) {
    if (counts_[i] == 0) continue;
    const double off = place(i, 0.5) - mean;
    squares += off * off * static_cast<double>(counts_[i]);
  }
  return std::sqrt(squares / static_cast<double>(count_));
}

}  // namespace memwall
