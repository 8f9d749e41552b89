#include "sim/metrics/energy_tally.hpp"

#include <algorithm>

#include "sim/base/error.hpp"
#include "sim/metrics/bottleneck.hpp"

namespace memwall {

void EnergyTally::add(const CycleSpan& span) {
  law(span.ramps != nullptr && span.cycles > 0, "a span of cycles has no ramps or no cycles");
  if (span.ramps->spending == 0) return;
  Ramp all;
  for_each_tier(span.ramps->spending, [&](Tier tier) {
    const Ramp& ramp = span.ramps->joules[tier];
    joules_[tier] += ramp.from(span.offset).sum(span.cycles);
    all = all + ramp;
  });
  // The quotient of two lines only rises or only falls, so a span's peak is at one of its ends. Whole microwatts
  // rounded down keep that true of the rounded numbers, also where work under a cap draws less than a running board's
  // share at full clock and so counts below zero.
  for (const std::int64_t k : {span.offset, span.offset + span.cycles - 1}) {
    const Int128 length = span.clock.length.at(k);
    if (length <= 0) continue;
    const Int128 scaled = all.at(k) * 1'000'000;
    const Int128 down = scaled / length - (scaled % length < 0 ? 1 : 0);
    peak_microwatts_ = std::max(peak_microwatts_, static_cast<std::int64_t>(down));
  }
}

void EnergyTally::merge(const EnergyTally& other) {
  for (std::size_t i = 0; i < tier_count; ++i) joules_.at[i] += other.joules_.at[i];
  peak_microwatts_ = std::max(peak_microwatts_, other.peak_microwatts_);
}

TierArray<double> EnergyTally::joules() const {
  TierArray<double> out;
  // Joules are kept like seconds, in 2^-24 of a million-millionth.
  for (std::size_t i = 0; i < tier_count; ++i) out.at[i] = fixed_seconds(joules_.at[i]);
  return out;
}

}  // namespace memwall
