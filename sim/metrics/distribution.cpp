#include "sim/metrics/distribution.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "sim/base/error.hpp"

namespace memwall {
namespace {

/// Puts the two ranks around the quantile where they belong, which is cheaper than putting all of them there.
double interpolated_ps(std::vector<std::int64_t>& values, double p) {
  law(p >= 0 && p <= 1, "a quantile is asked for outside of 0 to 1");
  const double position = p * static_cast<double>(values.size() - 1);
  const auto rank = static_cast<std::ptrdiff_t>(position);
  std::nth_element(values.begin(), values.begin() + rank, values.end());
  const std::int64_t low = values[static_cast<std::size_t>(rank)];
  const auto above = values.begin() + rank + 1;
  const std::int64_t high = above == values.end() ? low : *std::min_element(above, values.end());
  return static_cast<double>(low) + static_cast<double>(high - low) * (position - static_cast<double>(rank));
}

}  // namespace

Summary summarize(const Histogram& histogram) {
  const auto at = [&](double p) { return histogram.quantile_ps(p) * 1e-12; };
  Summary out;
  out.count = histogram.count();
  out.mean = histogram.mean_ps() * 1e-12;
  out.std = histogram.deviation_ps() * 1e-12;
  out.p50 = at(0.50);
  out.p90 = at(0.90);
  out.p95 = at(0.95);
  out.p99 = at(0.99);
  out.max = histogram.max().seconds();
  return out;
}

void Distribution::add(Duration duration) {
  law(duration.ps >= 0, "a latency is negative");
  if (sketch_) {
    sketch_->add(duration);
    return;
  }
  ps_.push_back(duration.ps);
  sketch_if_many();
}

void Distribution::merge(const Distribution& other) {
  if (other.sketch_ && !sketch_) exact_below_ = 0;
  ps_.insert(ps_.end(), other.ps_.begin(), other.ps_.end());
  sketch_if_many();
  if (other.sketch_) sketch_->merge(*other.sketch_);
}

void Distribution::sketch_if_many() {
  if (!sketch_ && ps_.size() < exact_below_) return;
  if (!sketch_) sketch_.emplace();
  for (const std::int64_t ps : ps_) sketch_->add(Duration{ps});
  ps_ = {};
}

std::int64_t Distribution::count() const { return sketch_ ? sketch_->count() : static_cast<std::int64_t>(ps_.size()); }

Summary Distribution::summary() const {
  if (sketch_) return summarize(*sketch_);
  Summary out;
  if (ps_.empty()) return out;
  Int128 sum = 0;
  for (const std::int64_t ps : ps_) sum += ps;
  const auto count = static_cast<std::int64_t>(ps_.size());
  const auto mean = static_cast<std::int64_t>(sum / count);
  // The sum of squares is an exact integer, so that it is the same in any order. Squares of offsets below 2^53 ps (2.5
  // h) fit as they are; longer ones are taken in units of 1,024 ps, in which 10^6 squares of 106 days fit.
  std::int64_t farthest = 0;
  for (const std::int64_t ps : ps_) farthest = std::max(farthest, std::abs(ps - mean));
  const std::int64_t unit = farthest < (std::int64_t{1} << 53) ? 1 : 1024;
  Int128 squares = 0;
  Int128 offsets = 0;  // what rounding the mean down leaves
  for (const std::int64_t ps : ps_) {
    const std::int64_t off = (ps - mean) / unit;
    squares += static_cast<Int128>(off) * off;
    offsets += off;
  }
  const std::vector<double> at = quantiles({0.50, 0.90, 0.95, 0.99, 1.0});
  out.count = count;
  out.mean = static_cast<double>(sum) / static_cast<double>(count) * 1e-12;
  const double rest = static_cast<double>(offsets) / static_cast<double>(count);
  const double variance = static_cast<double>(squares) / static_cast<double>(count) - rest * rest;
  out.std = std::sqrt(std::max(0.0, variance)) * static_cast<double>(unit) * 1e-12;
  out.p50 = at[0];
  out.p90 = at[1];
  out.p95 = at[2];
  out.p99 = at[3];
  out.max = at[4];
  return out;
}

std::vector<double> Distribution::quantiles(const std::vector<double>& p) const {
  std::vector<double> out(p.size(), 0.0);
  if (sketch_) {
    for (std::size_t i = 0; i < p.size(); ++i) out[i] = sketch_->quantile_ps(p[i]) * 1e-12;
    return out;
  }
  if (ps_.empty()) return out;
  std::vector<std::int64_t> values = ps_;
  for (std::size_t i = 0; i < p.size(); ++i) out[i] = interpolated_ps(values, p[i]) * 1e-12;
  return out;
}

}  // namespace memwall
