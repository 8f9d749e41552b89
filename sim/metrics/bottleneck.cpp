#include "sim/metrics/bottleneck.hpp"

#include "sim/base/error.hpp"
#include "sim/metrics/envelope.hpp"

namespace memwall {
namespace {

/// The sum of a ramp over cycles from .. until-1 is linear in its two numbers; the factors are the same for every tier.
struct Stretch {
  std::int64_t cycles;
  Int128 weight;  ///< sum of the cycle numbers

  Stretch(std::int64_t from, std::int64_t until)
      : cycles(until - from),
        weight(static_cast<Int128>(cycles) * from + static_cast<Int128>(cycles) * (cycles - 1) / 2) {}

  [[nodiscard]] Int128 sum(const Ramp& ramp) const { return ramp.first * cycles + ramp.step * weight; }
};

/// The part of a span of mixed cycles that its prompt tokens pay for. Taken as the difference of two rounded-down
/// shares of the segment's running sum, like boundaries are, so that it does not depend on where a segment is cut.
Int128 prefill_part(const CycleSpan& span) {
  const std::int64_t tokens = span.prefill_tokens + span.decode_tokens;
  if (tokens == 0) return 0;
  const Ramp& length = span.clock.length;
  return length.sum(span.offset + span.cycles) * span.prefill_tokens / tokens -
         length.sum(span.offset) * span.prefill_tokens / tokens;
}

double ratio(Int128 part, Int128 whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

template <class Array>
Int128 sum_of(const Array& values) {
  Int128 sum = 0;
  for (const Int128 value : values) sum += value;
  return sum;
}

}  // namespace

double fixed_seconds(Int128 fixed) {
  return static_cast<double>(fixed) / static_cast<double>(1 << Ramp::fraction_bits) / 1e12;
}

void CycleTally::add(const CycleSpan& span) {
  law(span.ramps != nullptr && span.cycles > 0, "a span of cycles has no ramps or no cycles");
  const TierRamps& ramps = *span.ramps;
  const std::int64_t from = span.offset;
  const std::int64_t until = from + span.cycles;
  PhaseSums& phase = phases_[static_cast<std::size_t>(span.phase)];

  const Stretch stretch(from, until);
  TierSet critical = 0;
  Ramp total;
  for_each_tier(ramps.used, [&](Tier tier) {
    const Ramp& ramp = ramps.critical[tier];
    if ((ramp.first | ramp.step) != 0) {
      critical |= TierSet{1} << index(tier);
      total = total + ramp;
      phase.critical[tier] += stretch.sum(ramp);
    }
    busy_[tier] += stretch.sum(ramps.busy[tier]);
  });
  law(total == span.clock.length, "the critical times of a cycle do not add up to its length");
  const Int128 length = stretch.sum(total);
  phase.cycles += span.cycles;
  phase.length += length;
  phase.limit[static_cast<std::size_t>(span.limit)] += length;

  // Nearly always the same two tiers lead at both ends, and then they do so in between (see for_each_piece).
  const Leaders leaders = leaders_at(ramps.critical, critical, from);
  if (span.cycles == 1 || leaders == leaders_at(ramps.critical, critical, until - 1)) {
    phase.bottleneck[leaders.first] += length;
    if ((critical & (critical - 1)) != 0) phase.runner_up[leaders.second] += length;
  } else {
    add_pieces(ramps, critical, from, until, phase);
  }

  if (span.phase == Phase::prefill) prefill_ += length;
  if (span.phase == Phase::mixed) prefill_ += prefill_part(span);
  tokens_.prefill += span.prefill_tokens * span.cycles;
  tokens_.decode += span.decode_tokens * span.cycles;
  tokens_.padded += span.padded_tokens * span.cycles;
}

void CycleTally::add_pieces(const TierRamps& ramps, TierSet critical, std::int64_t from, std::int64_t until,
                            PhaseSums& phase) {
  const Ramp total = ramps.duration();
  for_each_piece(ramps.critical, critical, from, until, [&](Tier tier, std::int64_t begin, std::int64_t end) {
    phase.bottleneck[tier] += Stretch(begin, end).sum(total);
    const TierSet others = critical & ~(TierSet{1} << index(tier));
    if (others == 0) return;
    for_each_piece(ramps.critical, others, begin, end, [&](Tier second, std::int64_t first_cycle, std::int64_t past) {
      phase.runner_up[second] += Stretch(first_cycle, past).sum(total);
    });
  });
}

void CycleTally::add_idle(Duration gap, Tier waits_for) {
  law(gap.ps >= 0, "an idle gap ends before it begins");
  idle_ += static_cast<Int128>(gap.ps) << Ramp::fraction_bits;
  waiting_[waits_for] += static_cast<Int128>(gap.ps) << Ramp::fraction_bits;
}

void CycleTally::PhaseSums::merge(const PhaseSums& other) {
  cycles += other.cycles;
  length += other.length;
  for (std::size_t i = 0; i < tier_count; ++i) {
    critical.at[i] += other.critical.at[i];
    bottleneck.at[i] += other.bottleneck.at[i];
    runner_up.at[i] += other.runner_up.at[i];
  }
  for (std::size_t i = 0; i < limit_count; ++i) limit[i] += other.limit[i];
}

void CycleTally::merge(const CycleTally& other) {
  for (std::size_t i = 0; i < phase_count; ++i) phases_[i].merge(other.phases_[i]);
  for (std::size_t i = 0; i < tier_count; ++i) busy_.at[i] += other.busy_.at[i];
  for (std::size_t i = 0; i < tier_count; ++i) waiting_.at[i] += other.waiting_.at[i];
  idle_ += other.idle_;
  prefill_ += other.prefill_;
  tokens_.prefill += other.tokens_.prefill;
  tokens_.decode += other.tokens_.decode;
  tokens_.padded += other.tokens_.padded;
}

CycleTally::PhaseSums CycleTally::total() const {
  PhaseSums sum;
  for (const PhaseSums& phase : phases_) sum.merge(phase);
  return sum;
}

std::int64_t CycleTally::cycles() const { return total().cycles; }
Int128 CycleTally::busy() const { return total().length; }

void CycleTally::PhaseSums::conserve() const {
  law(sum_of(critical.at) == length, "critical times by tier do not add up to the busy time");
  law(sum_of(bottleneck.at) == length, "busy times by bottleneck do not add up to the busy time");
  law(sum_of(limit) == length, "busy times by limit do not add up to the busy time");
}

CycleShares CycleTally::PhaseSums::shares(Int128 all_time) const {
  CycleShares out;
  out.count = cycles;
  out.busy_s = fixed_seconds(length);
  for (std::size_t i = 0; i < tier_count; ++i) {
    out.bottleneck_share.at[i] = ratio(bottleneck.at[i], length);
    out.runner_up_share.at[i] = ratio(runner_up.at[i], length);
    out.time_share.at[i] = ratio(critical.at[i], all_time);
  }
  for (std::size_t i = 0; i < limit_count; ++i) out.limit_share[i] = ratio(limit[i], length);
  return out;
}

Shares CycleTally::shares() const {
  const PhaseSums sum = total();
  sum.conserve();
  const Int128 all_time = sum.length + idle_;
  Shares out;
  out.all = sum.shares(all_time);
  for (std::size_t i = 0; i < tier_count; ++i) {
    if (waiting_.at[i] != 0) out.all.time_share.at[i] = ratio(sum.critical.at[i] + waiting_.at[i], all_time);
  }
  out.idle_s = fixed_seconds(idle_);
  for (std::size_t i = 0; i < phase_count; ++i) {
    phases_[i].conserve();
    out.by_phase[i] = phases_[i].shares(phases_[i].length);
  }
  for (std::size_t i = 0; i < tier_count; ++i) out.utilisation.at[i] = ratio(busy_.at[i], all_time);
  return out;
}

bool operator==(const CycleTally& a, const CycleTally& b) {
  return a.phases_ == b.phases_ && a.busy_ == b.busy_ && a.idle_ == b.idle_ && a.prefill_ == b.prefill_ &&
         a.tokens_.prefill == b.tokens_.prefill && a.tokens_.decode == b.tokens_.decode &&
         a.tokens_.padded == b.tokens_.padded;
}

}  // namespace memwall
