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

  [[nodiscard]] double all_s() const;
  [[nodiscard]] double limited_s() const;
};

/// The most blocks of the cache that a replica had in use in each bin. A row tells them at its first cycle.
struct CacheUse {
  std::string pool;
  std::vector<std::int64_t> blocks;  ///< by bin
};

class Timeline {
 public:
  /// `duration_s` of the whole run; 0 is taken as a single bin without length.
  Timeline(double duration_s, std::size_t bins);

  void add(const CycleRow& row);

  [[nodiscard]] double width_s() const { return width_s_; }
  [[nodiscard]] const std::vector<TimeBin>& bins() const { return bins_; }
  [[nodiscard]] const std::map<std::int64_t, CacheUse>& caches() const { return caches_; }  ///< by replica
  /// Tiers and limits that have time, in their order.
  [[nodiscard]] std::vector<Tier> tiers() const;
  [[nodiscard]] std::vector<Tier> bottlenecks() const;
  [[nodiscard]] std::vector<Limit> limits() const;

 private:
  double width_s_;
  std::vector<TimeBin> bins_;
  std::map<std::int64_t, CacheUse> caches_;
};

}  // namespace memwall::tools::report
