// How many replicas each of several pools needs: prefill apart from decode, pools by length or by class.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tools/plan/search.hpp"

namespace memwall::tools::plan {

/// Replicas by pool.
using Counts = std::vector<std::int64_t>;

/// A replica of a pool.
struct PoolFacts {
  std::string name;
  std::string device;
  std::int64_t devices = 0;
  double usd_per_hour = 0;  ///< without power that is paid for apart
};

struct PoolsPlan {
  std::vector<PoolFacts> pools;
  std::map<Counts, Trial> trials;  ///< every run
  std::optional<Counts> best;
  std::map<std::size_t, Trial> less;  ///< by pool: the plan with one replica of it less
  std::size_t candidates = 0;         ///< within the devices allowed

  [[nodiscard]] std::int64_t devices(const Counts& counts) const;
  /// With the power of its run, where there was one.
  [[nodiscard]] double usd_per_hour(const Counts& counts) const;
};

/// The cheapest numbers of replicas that meet everything, the devices of each pool as the scenario has them. Of the
/// last pool the fewest that will do are found by bisection, for every combination of the others that is not too dear.
/// `exhaustive` runs every combination. Throws InputError where a pool cannot be built or has no price.
[[nodiscard]] PoolsPlan search_pools(const Base& base, const SearchOptions& wanted, const Parallel& parallel);

/// The scenario with so many replicas in each pool, and the edits that make it.
[[nodiscard]] std::vector<std::string> pools_edits(const Base& base, const Counts& counts, double rate_factor);

[[nodiscard]] std::string pools_text(const PoolsPlan& plan, std::size_t top);
[[nodiscard]] std::string pools_csv(const PoolsPlan& plan);

}  // namespace memwall::tools::plan
