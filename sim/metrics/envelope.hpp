// Which tier has the largest critical time, and at which cycle that changes.
#pragma once

#include <cstdint>

#include "sim/base/ramp.hpp"
#include "sim/base/tier.hpp"
#include "sim/metrics/record.hpp"

namespace memwall {

/// The tiers with critical time. Independent of how tightly `used` was drawn.
[[nodiscard]] TierSet critical_tiers(const TierRamps& ramps);

/// The tier of `candidates` with the largest ramp at cycle k; ties go to the earlier tier. Tier::compute when there is
/// no candidate, which is the tie of all tiers at zero.
[[nodiscard]] Tier largest_at(const TierArray<Ramp>& ramps, TierSet candidates, std::int64_t k);

/// The two largest at cycle k, by the same rule. `second` is meaningless where there is one candidate or none.
struct Leaders {
  Tier first = Tier::compute;
  Tier second = Tier::compute;

  friend bool operator==(const Leaders&, const Leaders&) = default;
};
[[nodiscard]] Leaders leaders_at(const TierArray<Ramp>& ramps, TierSet candidates, std::int64_t k);

/// The first cycle after k in which `winner`, the largest at k, no longer is; `limit` when that is not before it.
/// Exact: the crossing of two ramps is an integer division.
[[nodiscard]] std::int64_t overtaken_at(const TierArray<Ramp>& ramps, TierSet candidates, Tier winner, std::int64_t k,
                                        std::int64_t limit);

/// Calls `visit(tier, from, until)` for each maximal run of cycles in [from, until) with one largest tier, in order.
/// O(tiers) when it does not change, which is told from the two ends alone: a ramp that is the largest at both is so in
/// between, because differences of ramps are linear.
template <class Visit>
void for_each_piece(const TierArray<Ramp>& ramps, TierSet candidates, std::int64_t from, std::int64_t until,
                    Visit visit) {
  Tier winner = largest_at(ramps, candidates, from);
  if (until - from == 1 || winner == largest_at(ramps, candidates, until - 1)) {
    visit(winner, from, until);
    return;
  }
  while (from < until) {
    const std::int64_t next = overtaken_at(ramps, candidates, winner, from, until);
    visit(winner, from, next);
    if (next < until) winner = largest_at(ramps, candidates, next);
    from = next;
  }
}

}  // namespace memwall
