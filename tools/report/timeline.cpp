#include "tools/report/timeline.hpp"

#include <algorithm>
#include <numeric>

#include "sim/base/error.hpp"

namespace memwall::tools::report {
namespace {

constexpr double second_ps = 1e12;

}  // namespace

double TimeBin::all_s() const { return std::accumulate(critical_s.at.begin(), critical_s.at.end(), 0.0); }
double TimeBin::limited_s() const { return std::accumulate(limit_s.begin(), limit_s.end(), 0.0); }

Timeline::Timeline(double duration_s, std::size_t bins)
    : width_s_(duration_s / static_cast<double>(bins)), bins_(duration_s > 0 ? bins : 1) {}

void Timeline::add(const CycleRow& row) {
  const double begin = static_cast<double>(row.start_ps) / second_ps;
  const double length = static_cast<double>(row.duration_ps) / second_ps;
  const auto bin_of = [&](double t) {
    const auto bin = width_s_ > 0 ? static_cast<std::size_t>(t / width_s_) : 0;
    return std::min(bin, bins_.size() - 1);
  };
  const std::size_t first = bin_of(begin);
  const std::size_t last = bin_of(begin + length);
  for (std::size_t i = first; i <= last; ++i) {
    double share = 1;
    if (first != last) {
      const double from = i == first ? begin : static_cast<double>(i) * width_s_;
      const double until = i == last ? begin + length : static_cast<double>(i + 1) * width_s_;
      share = (until - from) / length;
    }
    TimeBin& bin = bins_[i];
    for (std::size_t t = 0; t < tier_count; ++t) {
      if (row.tier_ps.at[t] != 0) bin.critical_s.at[t] += static_cast<double>(row.tier_ps.at[t]) / second_ps * share;
    }
    bin.bottleneck_s[row.bottleneck] += length * share;
    if (row.limit) bin.limit_s[static_cast<std::size_t>(*row.limit)] += length * share;
    bin.prefill_tokens += static_cast<double>(row.prefill_tokens) * share;
    bin.decode_tokens += static_cast<double>(row.decode_tokens) * share;
  }
  CacheUse& cache = caches_[row.replica];
  if (cache.blocks.empty()) {
    cache.pool = row.pool;
    cache.blocks.assign(bins_.size(), 0);
  }
  for (std::size_t i = first; i <= last; ++i) cache.blocks[i] = std::max(cache.blocks[i], row.kv_blocks);
}

std::vector<Tier> Timeline::tiers() const {
  std::vector<Tier> out;
  for (std::size_t t = 0; t < tier_count; ++t) {
    if (std::any_of(bins_.begin(), bins_.end(), [t](const TimeBin& b) { return b.critical_s.at[t] > 0; })) {
      out.push_back(tier_at(t));
    }
  }
  return out;
}

std::vector<Tier> Timeline::bottlenecks() const {
  std::vector<Tier> out;
  for (std::size_t t = 0; t < tier_count; ++t) {
    if (std::any_of(bins_.begin(), bins_.end(), [t](const TimeBin& b) { return b.bottleneck_s.at[t] > 0; })) {
      out.push_back(tier_at(t));
    }
  }
  return out;
}

std::vector<Limit> Timeline::limits() const {
  std::vector<Limit> out;
  for (std::size_t i = 0; i < limit_count; ++i) {
    if (std::any_of(bins_.begin(), bins_.end(), [i](const TimeBin& b) { return b.limit_s[i] > 0; })) {
      out.push_back(static_cast<Limit>(i));
    }
  }
  return out;
}

}  // namespace memwall::tools::report
