#include "tools/report/timeline.hpp"

#include <algorithm>
#include <numeric>

namespace memwall::tools::report {
namespace {

constexpr double second_ps = 1e12;

}  // namespace

void TimeBin::merge(const TimeBin& other) {
  for (std::size_t t = 0; t < tier_count; ++t) {
    critical_s.at[t] += other.critical_s.at[t];
    bottleneck_s.at[t] += other.bottleneck_s.at[t];
  }
  for (std::size_t i = 0; i < limit_count; ++i) limit_s[i] += other.limit_s[i];
  prefill_tokens += other.prefill_tokens;
  decode_tokens += other.decode_tokens;
}

double TimeBin::all_s() const { return std::accumulate(critical_s.at.begin(), critical_s.at.end(), 0.0); }
double TimeBin::limited_s() const { return std::accumulate(limit_s.begin(), limit_s.end(), 0.0); }

Timeline::Timeline(std::size_t most) : bins_(most + most % 2) {}

void Timeline::fold() {
  const std::size_t half = bins_.size() / 2;
  for (std::size_t i = 0; i < half; ++i) {
    TimeBin both = bins_[2 * i];
    both.merge(bins_[2 * i + 1]);
    bins_[i] = both;
  }
  std::fill(bins_.begin() + static_cast<std::ptrdiff_t>(half), bins_.end(), TimeBin{});
  for (auto& [replica, use] : caches_) {
    for (std::size_t i = 0; i < half; ++i) use.blocks[i] = std::max(use.blocks[2 * i], use.blocks[2 * i + 1]);
    std::fill(use.blocks.begin() + static_cast<std::ptrdiff_t>(half), use.blocks.end(), 0);
  }
  width_ps_ *= 2;
  used_ = (used_ + 1) / 2;
}

void Timeline::cover(std::int64_t end_ps) {
  while (end_ps > width_ps_ * static_cast<std::int64_t>(bins_.size())) fold();
  used_ = std::max(used_, static_cast<std::size_t>((end_ps + width_ps_ - 1) / width_ps_));
}

void Timeline::add(const CycleRow& row) {
  if (row.duration_ps <= 0) return;
  const std::int64_t end_ps = row.start_ps + row.duration_ps;
  cover(end_ps);
  const auto first = static_cast<std::size_t>(row.start_ps / width_ps_);
  const auto last = static_cast<std::size_t>((end_ps - 1) / width_ps_);
  const double length_s = static_cast<double>(row.duration_ps) / second_ps;
  CacheUse& cache = caches_[row.replica];
  if (cache.blocks.empty()) {
    cache.pool = row.pool;
    cache.blocks.assign(bins_.size(), 0);
  }
  for (std::size_t i = first; i <= last; ++i) {
    const std::int64_t from = std::max(row.start_ps, static_cast<std::int64_t>(i) * width_ps_);
    const std::int64_t until = std::min(end_ps, static_cast<std::int64_t>(i + 1) * width_ps_);
    const double share = static_cast<double>(until - from) / static_cast<double>(row.duration_ps);
    TimeBin& bin = bins_[i];
    for (std::size_t t = 0; t < tier_count; ++t) {
      if (row.tier_ps.at[t] != 0) bin.critical_s.at[t] += static_cast<double>(row.tier_ps.at[t]) / second_ps * share;
    }
    bin.bottleneck_s[row.bottleneck] += length_s * share;
    if (row.limit) bin.limit_s[static_cast<std::size_t>(*row.limit)] += length_s * share;
    bin.prefill_tokens += static_cast<double>(row.prefill_tokens) * share;
    bin.decode_tokens += static_cast<double>(row.decode_tokens) * share;
    cache.blocks[i] = std::max(cache.blocks[i], row.kv_blocks);
  }
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
