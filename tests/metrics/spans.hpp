// Random segments and random ways to cut them, for the laws that hold however cycles are reported.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/random.hpp"
#include "sim/metrics/record.hpp"

namespace memwall::test {

/// A stream of reproducible numbers.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) { key_.seed = seed; }

  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(random_bits(key_, next_++) % static_cast<std::uint64_t>(high - low + 1));
  }
  double uniform() { return random_uniform(key_, next_++); }
  bool once_in(std::int64_t n) { return between(1, n) == 1; }

 private:
  DrawKey key_;
  std::uint64_t next_ = 0;
};

struct Segment {
  TierRamps ramps;
  BlockGrowth growth;
  CycleSpan span;  ///< the whole segment; `at` gives its pointers
};

/// A segment of up to `most` cycles in which several tiers take turns as the bottleneck and some draw level exactly.
inline Segment random_segment(Draws& draws, std::int64_t most) {
  Segment out;
  out.span.cycles = draws.between(1, most);
  const std::int64_t tiers = draws.between(1, 5);
  for (std::int64_t i = 0; i < tiers; ++i) {
    const auto tier = static_cast<std::size_t>(draws.between(0, static_cast<std::int64_t>(tier_count) - 2));
    Int128 first = static_cast<Int128>(10 * draws.between(1, 20)) << Ramp::fraction_bits;
    if (draws.once_in(2)) first += draws.between(0, 1 << 24);
    Int128 step = draws.between(-1, 6) * (static_cast<Int128>(1) << Ramp::fraction_bits);
    if (draws.once_in(2)) step += draws.between(0, 1 << 20);
    if (step < 0 && first + step * out.span.cycles < 0) step = 0;
    out.ramps.critical.at[tier] = {first, step};
    out.ramps.busy.at[tier] = {first + draws.between(0, 1 << 30), step};
  }
  out.ramps.busy[Tier::nvme].first += draws.between(0, 1 << 30);
  if (draws.once_in(2)) out.ramps.find_used();

  out.span.phase = static_cast<Phase>(draws.between(0, 2));
  out.span.limit = static_cast<Limit>(draws.between(0, 5));
  out.span.decode_tokens = draws.between(1, 64);
  out.span.prefill_tokens = out.span.phase == Phase::decode ? 0 : draws.between(1, 2048);
  out.span.padded_tokens = out.span.decode_tokens + out.span.prefill_tokens + draws.between(0, 8);
  out.span.sequences = out.span.decode_tokens;
  out.span.kv_tokens = draws.between(0, 100000);
  out.span.steady_tokens = draws.between(0, out.span.decode_tokens);
  out.growth.sequences_by_room.assign(16, 0);
  for (std::int64_t i = 0; i < out.span.decode_tokens; ++i) {
    ++out.growth.sequences_by_room[static_cast<std::size_t>(draws.between(0, 15))];
  }
  out.span.kv_blocks = draws.between(0, 5000);
  return out;
}

/// The part of a segment from cycle `from` up to `until`, as an engine would report it.
inline CycleSpan part(const Segment& segment, std::int64_t from, std::int64_t until) {
  CycleSpan span = segment.span;
  span.ramps = &segment.ramps;
  span.growth = &segment.growth;
  span.clock.length = segment.ramps.duration();
  span.offset = from;
  span.first_cycle = segment.span.first_cycle + from;
  span.cycles = until - from;
  span.kv_tokens = segment.span.kv_tokens + from * (span.prefill_tokens + span.decode_tokens);
  span.kv_blocks = segment.span.kv_blocks + segment.growth.blocks(from);
  return span;
}

enum class Cut { whole, random, single };

/// Reports a segment to `visit` whole, in random parts, or cycle by cycle.
template <class Visit>
void report(const Segment& segment, Cut cut, Draws& draws, Visit visit) {
  for (std::int64_t from = 0; from < segment.span.cycles;) {
    std::int64_t until = segment.span.cycles;
    if (cut == Cut::single) until = from + 1;
    if (cut == Cut::random) until = draws.between(from + 1, until);
    visit(part(segment, from, until));
    from = until;
  }
}

}  // namespace memwall::test
