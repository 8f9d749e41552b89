// Rows of time put into bins of equal length, so that a page shows a million of them with a few hundred numbers.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/base/tier.hpp"
#include "tools/report/rows.hpp"

namespace memwall::tools::report {

/// Sums over one bin. A row that lies in several is divided by its time in each.
struct TimeBin {
  TierArray<double> critical_s;  ///< seconds of all replicas and lanes
  TierArray<double> bottleneck_s;
  std::array<double, limit_count> limit_s{};
  double prefill_tokens = 0;
  double decode_tokens = 0;

  void merge(const TimeBin& other);
  [[nodiscard]] double all_s() const;
  [[nodiscard]] double limited_s() const;
};

/// The most blocks of the cache that a replica had in use in each bin. A row tells them at its first cycle.
struct CacheUse {
  std::string pool;
  std::vector<std::int64_t> blocks;  ///< by bin
};

/// At most `most` bins whose length doubles, two bins becoming one, whenever a row lies behind the last: nothing needs
/// to be known beforehand of how long the run will be, and memory does not grow with it.
class Timeline {
 public:
  explicit Timeline(std::size_t most = 512);

  void add(const CycleRow& row);
  /// Makes the bins reach this moment, the end of the run.
  void cover(std::int64_t end_ps);

  [[nodiscard]] double width_s() const { return static_cast<double>(width_ps_) * 1e-12; }
  /// Those up to the latest moment that was added or covered.
  [[nodiscard]] std::size_t used() const { return used_; }
  [[nodiscard]] const TimeBin& bin(std::size_t position) const { return bins_[position]; }
  [[nodiscard]] const std::map<std::int64_t, CacheUse>& caches() const { return caches_; }  ///< by replica
  /// Tiers and limits that have time, in their order.
  [[nodiscard]] std::vector<Tier> tiers() const;
  [[nodiscard]] std::vector<Tier> bottlenecks() const;
  [[nodiscard]] std::vector<Limit> limits() const;

 private:
  void fold();

  std::int64_t width_ps_ = 1'000'000;  ///< a microsecond at first
  std::size_t used_ = 1;
  std::vector<TimeBin> bins_;
  std::map<std::int64_t, CacheUse> caches_;
};

}  // namespace memwall::tools::report
