#include "sim/metrics/distribution.hpp"

#include <algorithm>
#include <cmath>

#include "sim/base/error.hpp"

namespace memwall {
namespace {

double interpolated_ps(const std::vector<std::int64_t>& sorted, double p) {
  law(p >= 0 && p <= 1, "a quantile is asked for outside of 0 to 1");
  const double position = p * static_cast<double>(sorted.size() - 1);
  const auto rank = static_cast<std::size_t>(position);
  const std::int64_t low = sorted[rank];
  const std::int64_t high = sorted[std::min(rank + 1, sorted.size() - 1)];
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
  std::vector<std::int64_t> sorted = ps_;
  std::sort(sorted.begin(), sorted.end());
  Int128 sum = 0;
  for (const std::int64_t ps : sorted) sum += ps;
  const auto count = static_cast<double>(sorted.size());
  const double mean = static_cast<double>(sum) / count;
  double squares = 0;
  for (const std::int64_t ps : sorted) {
    const double off = static_cast<double>(ps) - mean;
    squares += off * off;
  }
  const auto at = [&](double p) { return interpolated_ps(sorted, p) * 1e-12; };
  out.count = static_cast<std::int64_t>(sorted.size());
  out.mean = mean * 1e-12;
  out.std = std::sqrt(squares / count) * 1e-12;
  out.p50 = at(0.50);
  out.p90 = at(0.90);
  out.p95 = at(0.95);
  out.p99 = at(0.99);
  out.max = static_cast<double>(sorted.back()) * 1e-12;
  return out;
}

std::vector<double> Distribution::quantiles(const std::vector<double>& p) const {
  std::vector<double> out(p.size(), 0.0);
  std::vector<std::int64_t> sorted = ps_;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (sketch_) {
      out[i] = sketch_->quantile_ps(p[i]) * 1e-12;
    } else if (!sorted.empty()) {
      out[i] = interpolated_ps(sorted, p[i]) * 1e-12;
    }
  }
  return out;
}

}  // namespace memwall
