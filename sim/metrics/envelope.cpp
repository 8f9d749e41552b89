#include "sim/metrics/envelope.hpp"

#include <algorithm>

#include "sim/base/error.hpp"

namespace memwall {

TierSet critical_tiers(const TierRamps& ramps) {
  TierSet tiers = 0;
  for_each_tier(ramps.used, [&](Tier tier) {
    const Ramp& ramp = ramps.critical[tier];
    if ((ramp.first | ramp.step) != 0) tiers |= TierSet{1} << index(tier);
  });
  return tiers;
}

Tier largest_at(const TierArray<Ramp>& ramps, TierSet candidates, std::int64_t k) {
  if (candidates == 0) return Tier::compute;
  Tier winner = tier_at(static_cast<std::size_t>(std::countr_zero(candidates)));
  Int128 most = ramps[winner].at(k);
  for_each_tier(candidates & (candidates - 1), [&](Tier tier) {
    const Int128 value = ramps[tier].at(k);
    if (value > most) {
      most = value;
      winner = tier;
    }
  });
  return winner;
}

Leaders leaders_at(const TierArray<Ramp>& ramps, TierSet candidates, std::int64_t k) {
  Leaders out;
  Int128 most = -(static_cast<Int128>(1) << 126);
  Int128 next = most;
  for_each_tier(candidates, [&](Tier tier) {
    const Int128 value = ramps[tier].at(k);
    if (value > most) {
      out.second = out.first;
      next = most;
      out.first = tier;
      most = value;
    } else if (value > next) {
      out.second = tier;
      next = value;
    }
  });
  return out;
}

std::int64_t overtaken_at(const TierArray<Ramp>& ramps, TierSet candidates, Tier winner, std::int64_t k,
                          std::int64_t limit) {
  Int128 soonest = static_cast<Int128>(limit) - k;
  for_each_tier(candidates, [&](Tier rival) {
    const Int128 gain = ramps[rival].step - ramps[winner].step;
    if (gain <= 0) return;
    const Int128 lead = ramps[winner].at(k) - ramps[rival].at(k);
    // An earlier tier wins when it draws level, a later one only when it is ahead.
    const Int128 cycles = rival < winner ? (lead + gain - 1) / gain : lead / gain + 1;
    soonest = std::min(soonest, cycles);
  });
  law(soonest > 0, "the tier that is overtaken was not the largest");
  return k + static_cast<std::int64_t>(soonest);
}

}  // namespace memwall
