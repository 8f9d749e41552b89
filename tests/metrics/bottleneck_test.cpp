// Bottlenecks and shares: exact pieces, conservation, and no dependence on how cycles are reported.
#include "sim/metrics/bottleneck.hpp"

#include <vector>

#include "sim/base/error.hpp"
#include "sim/metrics/envelope.hpp"
#include "tests/catch.hpp"
#include "tests/metrics/spans.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

/// The tier with the largest critical time in cycle k, by looking at all of them.
Tier plain_bottleneck(const TierRamps& ramps, std::int64_t k) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < tier_count; ++i) {
    if (ramps.critical.at[i].at(k) > ramps.critical.at[best].at(k)) best = i;
  }
  return tier_at(best);
}

Ramp of_ps(std::int64_t first, std::int64_t step) {
  return {static_cast<Int128>(first) << Ramp::fraction_bits, static_cast<Int128>(step) << Ramp::fraction_bits};
}

template <class Array>
double sum_of(const Array& shares) {
  double sum = 0;
  for (const double share : shares) sum += share;
  return sum;
}

}  // namespace

TEST_CASE("pieces of constant bottleneck agree with looking at every cycle") {
  Draws draws(21);
  std::int64_t changes = 0;
  for (int round = 0; round < 1500; ++round) {
    const Segment segment = random_segment(draws, 120);
    const std::int64_t from = draws.once_in(2) ? 0 : draws.between(0, segment.span.cycles - 1);
    std::int64_t expected = from;
    Tier before = Tier::idle;
    for_each_piece(segment.ramps.critical, critical_tiers(segment.ramps), from, segment.span.cycles,
                   [&](Tier tier, std::int64_t begin, std::int64_t end) {
                     REQUIRE(begin == expected);
                     REQUIRE(end > begin);
                     REQUIRE(tier != before);
                     for (std::int64_t k = begin; k < end; ++k) REQUIRE(plain_bottleneck(segment.ramps, k) == tier);
                     changes += before != Tier::idle ? 1 : 0;
                     before = tier;
                     expected = end;
                   });
    REQUIRE(expected == segment.span.cycles);
  }
  CHECK(changes > 100);  // the random segments do exercise crossings
}

TEST_CASE("a tier that draws level takes over at once when it is earlier and one cycle later when it is not") {
  TierArray<Ramp> ramps;
  ramps[Tier::hbm] = of_ps(100, 0);
  ramps[Tier::sram] = ramps[Tier::hbm];
  CHECK(largest_at(ramps, 1U << index(Tier::hbm) | 1U << index(Tier::sram), 7) == Tier::sram);
  ramps[Tier::compute] = of_ps(90, 1);
  ramps[Tier::launch] = of_ps(95, 1);
  const TierSet hbm_compute = 1U << index(Tier::hbm) | 1U << index(Tier::compute);
  const TierSet hbm_launch = 1U << index(Tier::hbm) | 1U << index(Tier::launch);
  CHECK(overtaken_at(ramps, hbm_compute, Tier::hbm, 0, 1000) == 10);
  CHECK(overtaken_at(ramps, hbm_launch, Tier::hbm, 0, 1000) == 6);
  CHECK(overtaken_at(ramps, hbm_launch, Tier::hbm, 0, 4) == 4);
  CHECK(overtaken_at(ramps, hbm_launch, Tier::launch, 6, 1000) == 1000);
  CHECK_THROWS_AS(overtaken_at(ramps, hbm_compute, Tier::hbm, 20, 1000), LogicError);
}

TEST_CASE("a tally does not depend on how its cycles were cut") {
  Draws draws(22);
  for (int round = 0; round < 60; ++round) {
    CycleTally whole;
    CycleTally parts;
    CycleTally single;
    for (int i = 0; i < 5; ++i) {
      const Segment segment = random_segment(draws, 200);
      report(segment, Cut::whole, draws, [&](const CycleSpan& span) { whole.add(span); });
      report(segment, Cut::random, draws, [&](const CycleSpan& span) { parts.add(span); });
      report(segment, Cut::single, draws, [&](const CycleSpan& span) { single.add(span); });
      const std::int64_t gap = draws.between(2, 1000);
      whole.add_idle({gap});
      parts.add_idle({gap - 1});
      parts.add_idle({1});
      single.add_idle({gap});
    }
    REQUIRE(whole == single);
    REQUIRE(parts == single);
    const Shares shares = whole.shares();
    REQUIRE(sum_of(shares.all.bottleneck_share.at) == Approx(1));
    REQUIRE(sum_of(shares.all.time_share.at) == Approx(1));
    REQUIRE(sum_of(shares.all.limit_share) == Approx(1));
    REQUIRE(whole.prefill() + whole.decode() == whole.busy());
  }
}

TEST_CASE("shares are those of the definitions") {
  TierRamps ramps;
  ramps.critical[Tier::hbm] = of_ps(60, 0);
  ramps.critical[Tier::launch] = of_ps(40, 10);  // ties at cycle 2, ahead from cycle 3
  ramps.busy = ramps.critical;
  ramps.busy[Tier::compute] = of_ps(25, 0);
  ramps.find_used();
  CycleSpan span;
  span.cycles = 5;  // lengths 100, 110, 120, 130, 140: 600 in all
  span.ramps = &ramps;
  span.clock.length = ramps.duration();
  span.decode_tokens = 3;
  span.padded_tokens = 4;
  span.limit = Limit::max_seqs;
  CycleTally tally;
  tally.add(span);
  tally.add_idle({400});

  const Shares shares = tally.shares();
  CHECK(shares.all.count == 5);
  CHECK(shares.all.busy_s == Approx(600e-12));
  CHECK(shares.idle_s == Approx(400e-12));
  CHECK(shares.all.bottleneck_share[Tier::hbm] == Approx(330.0 / 600));
  CHECK(shares.all.bottleneck_share[Tier::launch] == Approx(270.0 / 600));
  CHECK(shares.all.runner_up_share[Tier::launch] == Approx(330.0 / 600));
  CHECK(shares.all.runner_up_share[Tier::hbm] == Approx(270.0 / 600));
  CHECK(shares.all.time_share[Tier::hbm] == Approx(0.3));
  CHECK(shares.all.time_share[Tier::launch] == Approx(0.3));
  CHECK(shares.all.time_share[Tier::idle] == Approx(0.4));
  CHECK(shares.all.limit_share[static_cast<std::size_t>(Limit::max_seqs)] == 1.0);
  CHECK(shares.utilisation[Tier::compute] == Approx(0.125));
  CHECK(shares.utilisation[Tier::hbm] == Approx(0.3));
  const CycleShares& decode = shares.by_phase[static_cast<std::size_t>(Phase::decode)];
  CHECK(decode.count == 5);
  CHECK(decode.time_share[Tier::hbm] == Approx(0.5));
  CHECK(shares.by_phase[static_cast<std::size_t>(Phase::prefill)].count == 0);
  CHECK(tally.tokens().decode == 15);
  CHECK(tally.tokens().padded == 20);
}

TEST_CASE("a mixed cycle is paid for by prompt and decode tokens in proportion") {
  TierRamps ramps;
  ramps.critical[Tier::compute] = of_ps(1000, 0);
  CycleSpan span;
  span.ramps = &ramps;
  span.clock.length = ramps.duration();
  span.phase = Phase::mixed;
  span.prefill_tokens = 300;
  span.decode_tokens = 100;
  span.cycles = 4;
  CycleTally tally;
  tally.add(span);
  CHECK(fixed_seconds(tally.prefill()) == Approx(3000e-12));
  CHECK(fixed_seconds(tally.decode()) == Approx(1000e-12));
}

TEST_CASE("a run without cycles has shares of 0") {
  const Shares shares = CycleTally().shares();
  CHECK(sum_of(shares.all.bottleneck_share.at) == 0.0);
  CHECK(sum_of(shares.all.time_share.at) == 0.0);
  CHECK(sum_of(shares.utilisation.at) == 0.0);
  CycleTally idle;
  idle.add_idle({5});
  CHECK(idle.shares().all.time_share[Tier::idle] == 1.0);
  CHECK(sum_of(idle.shares().all.bottleneck_share.at) == 0.0);
}

TEST_CASE("the set of used tiers may be wider than it need be") {
  Draws draws(23);
  Segment segment = random_segment(draws, 50);
  CycleTally wide;
  CycleTally tight;
  segment.ramps.used = all_tiers;
  report(segment, Cut::whole, draws, [&](const CycleSpan& span) { wide.add(span); });
  segment.ramps.find_used();
  CHECK(segment.ramps.used != all_tiers);
  report(segment, Cut::whole, draws, [&](const CycleSpan& span) { tight.add(span); });
  CHECK(wide == tight);
}

TEST_CASE("critical times that do not add up to the clock are a defect") {
  TierRamps ramps;
  ramps.critical[Tier::hbm] = of_ps(10, 0);
  CycleSpan span;
  span.cycles = 1;
  span.ramps = &ramps;
  span.clock.length = of_ps(11, 0);
  CycleTally tally;
  CHECK_THROWS_AS(tally.add(span), LogicError);
}

TEST_CASE("blocks grow when a sequence fills its last block") {
  BlockGrowth growth;
  growth.sequences_by_room = {1, 0, 2, 1};  // blocks of four tokens
  for (std::int64_t k = 0; k < 30; ++k) {
    std::int64_t plain = 0;
    for (const std::int64_t room : {0, 2, 2, 3}) plain += k > room ? (k - room + 3) / 4 : 0;
    CHECK(growth.blocks(k) == plain);
  }
}
