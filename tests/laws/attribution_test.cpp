// The split by tier is a prediction: speed one tier a little, and the cycle shortens by that tier's critical share.
#include <cmath>

#include "tests/catch.hpp"
#include "tests/devices/tier_times.hpp"
#include "tests/laws/random_cycle.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

/// The same deployment with all times of one tier multiplied by `factor`.
PriceProgram with_tier(const Setting& setting, Tier tier, double factor) {
  CycleOverheads overheads = setting.overheads;
  if (tier == Tier::host_cpu) overheads.schedule = overheads.schedule * factor;
  // Work that takes less energy is what speeds the limit; the clocked part's share of it stays.
  if (tier == Tier::power && overheads.power) {
    overheads.power = {overheads.power->most / factor, overheads.power->with_clock / factor};
  }
  if (tier == Tier::vector) overheads.sampling_per_sequence = overheads.sampling_per_sequence * factor;
  std::vector<Placed> operators = cycle_operators(setting.model, setting.deployment);
  if (tier == Tier::scale_up) {
    // All time of a collective belongs to its link, so running it less often is running it faster.
    for (Placed& placed : operators) {
      if (std::holds_alternative<AllReduce>(placed.work)) placed.count *= factor;
    }
  }
  auto device = with_tier_times(setting.device, tier, factor);
  return {std::move(operators), std::move(device), setting.interconnect, overheads};
}

}  // namespace

TEST_CASE("speeding a tier shortens any cycle by the tier's critical share and by nothing else") {
  constexpr double little = 1e-6;
  TierArray<int> with_time;
  TierArray<int> without_time;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Dice dice(seed);
    const Setting setting = random_setting(dice);
    std::vector<BatchShape> shapes;
    for (int i = 0; i < 20; ++i) shapes.push_back(random_shape(dice, setting.reaches()));
    const PriceProgram before = setting.program();
    for (std::size_t t = 0; t + 1 < tier_count; ++t) {
      const Tier tier = tier_at(t);
      const PriceProgram after = with_tier(setting, tier, 1 - little);
      for (const BatchShape& shape : shapes) {
        const Cost cost = before.price_from_scratch(shape);
        const double total = cost.total().value;
        const double critical = cost.critical[tier].value;
        const double gained = total - after.price_from_scratch(shape).total().value;
        INFO("seed " << seed << ": " << setting.text() << "; tier " << name(tier) << ", batch of " << shape.tokens);
        CHECK(std::abs(gained - little * critical) <= 1e-3 * little * critical + 1e-13 * total);
        ++(critical > 0 ? with_time : without_time)[tier];
      }
    }
  }
  // The draws must reach every tier that these machines have, and cycles in which it does not matter.
  for (const Tier tier :
       {Tier::compute, Tier::vector, Tier::hbm, Tier::scale_up, Tier::launch, Tier::host_cpu, Tier::power}) {
    INFO("tier " << name(tier));
    CHECK(with_time[tier] >= 20);
    CHECK(without_time[tier] >= 20);
  }
}

TEST_CASE("the critical times of a cycle add up to its length, now and for as long as its price holds") {
  for (std::uint64_t seed = 100; seed < 160; ++seed) {
    Dice dice(seed);
    const Setting setting = random_setting(dice);
    const PriceProgram program = setting.program();
    for (int i = 0; i < 20; ++i) {
      const BatchShape shape = random_shape(dice, setting.reaches());
      const Cost cost = program.price_from_scratch(shape);
      INFO("seed " << seed << ": " << setting.text() << ", batch of " << shape.tokens);
      const std::int64_t last = std::min<std::int64_t>(cost.horizon - 1, 100000);
      for (const std::int64_t k : {std::int64_t{0}, dice.integer(0, last), last}) {
        double sum = 0;
        for (std::size_t t = 0; t < tier_count; ++t) {
          const double critical = cost.critical.at[t].value + cost.critical.at[t].slope * static_cast<double>(k);
          const double busy = cost.busy.at[t].value + cost.busy.at[t].slope * static_cast<double>(k);
          CHECK(critical >= -1e-15);
          CHECK(busy >= critical * (1 - 1e-12) - 1e-15);
          sum += critical;
        }
        CHECK(sum == Approx(cost.total().at(k)).epsilon(1e-12));
      }
    }
  }
}
