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
  note_peak(all, span.clock.length, span.offset);
  if (span.cycles > 1) note_peak(all, span.clock.length, span.offset + span.cycles - 1);
}

void EnergyTally::note_peak(const Ramp& joules, const Ramp& length, std::int64_t k) {
  const Int128 lasted = length.at(k);
  if (lasted <= 0) return;
  const Int128 scaled = joules.at(k) * 1'000'000;
  Int128 down = scaled / lasted;
  if (down * lasted > scaled) --down;
  peak_microwatts_ = std::max(peak_microwatts_, static_cast<std::int64_t>(down));
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
