// Parts of a batch that take turns on several stages: the closed form against a play of every visit, one by one.
#include "sim/llm/interleave.hpp"

#include <algorithm>
#include <vector>

#include "tests/catch.hpp"
#include "tests/laws/random_cycle.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

/// Of one layer, in seconds.
struct Visit {
  double visit;
  double occupancy;
};

struct Played {
  double interval;  ///< between the starts of two late cycles of the first part
  double lateness;
};

/// Every part goes through every stage of every layer, for a number of cycles; each stage takes parts in their order
/// and each part goes on at once. A cycle's start is the latest moment from which its first part would reach the
/// busiest stage in time.
Played play(const std::vector<Visit>& stages, int parts, int layers) {
  constexpr int cycles = 60;
  const auto busiest = static_cast<std::size_t>(
      std::max_element(stages.begin(), stages.end(),
                       [](const Visit& a, const Visit& b) { return a.occupancy < b.occupancy; }) -
      stages.begin());
  double before_busiest = 0;
  for (std::size_t s = 0; s < busiest; ++s) before_busiest += stages[s].visit;

  std::vector<double> free(stages.size(), 0);
  std::vector<double> ready(static_cast<std::size_t>(parts), 0);
  std::vector<double> starts;
  std::vector<double> ends;
  for (int cycle = 0; cycle < cycles; ++cycle) {
    for (int layer = 0; layer < layers; ++layer) {
      for (int part = 0; part < parts; ++part) {
        double& now = ready[static_cast<std::size_t>(part)];
        for (std::size_t s = 0; s < stages.size(); ++s) {
          now = std::max(now, free[s]);
          if (layer == 0 && part == 0 && s == busiest) starts.push_back(now - before_busiest);
          free[s] = now + stages[s].occupancy;
          now += stages[s].visit;
        }
      }
    }
    ends.push_back(ready.back());
  }
  const auto last = static_cast<std::size_t>(cycles - 1);
  const double interval = (starts[last] - starts[last - 20]) / 20;
  return {interval, ends[last] - (starts[last] + interval)};
}

Stage of_all_layers(const Visit& visit, double layers) {
  Stage stage;
  stage.visit.then(Tier::hbm, Affine::constant(visit.visit * layers));
  stage.occupancy.then(Tier::hbm, Affine::constant(visit.occupancy * layers));
  return stage;
}

}  // namespace

TEST_CASE("a cycle of parts that take turns lasts as long as playing every visit of every part shows") {
  int by_trip = 0;
  int by_stage = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Dice dice(seed);
    const int parts = static_cast<int>(dice.integer(1, 6));
    const int layers = static_cast<int>(dice.integer(1, 12));
    std::vector<Visit> visits;
    const std::int64_t count = dice.integer(1, 4);
    for (std::int64_t i = 0; i < count; ++i) {
      const double visit = static_cast<double>(dice.spread(1, 1000)) * 1e-6;
      const bool overlaps_itself = dice.integer(0, 1) == 1;
      visits.push_back({visit, overlaps_itself ? visit / static_cast<double>(dice.integer(1, 20)) : visit});
    }
    std::vector<Stage> stages;
    for (const Visit& visit : visits) stages.push_back(of_all_layers(visit, layers));
    const Interleaved formula = interleave(stages, parts, layers);
    const Played played = play(visits, parts, layers);
    INFO("seed " << seed << ": " << parts << " parts, " << layers << " layers, " << count << " stages");
    CHECK(formula.cycle.total().value == Approx(played.interval).epsilon(1e-9));
    CHECK(formula.fill.total().value == Approx(played.lateness).epsilon(1e-9).margin(1e-12));
    double trip = 0;
    for (const Stage& stage : stages) trip += stage.visit.total().value;
    ++(formula.cycle.total().value > trip ? by_stage : by_trip);
  }
  CHECK(by_trip >= 50);
  CHECK(by_stage >= 50);
}

TEST_CASE("one part alone takes its trip, and is through when its cycle ends") {
  const std::vector<Stage> stages = {of_all_layers({3e-6, 3e-6}, 10), of_all_layers({5e-6, 1e-6}, 10)};
  const Interleaved one = interleave(stages, 1, 10);
  CHECK(one.cycle.total().value == Approx(80e-6));
  CHECK(one.fill.total().value == 0);
}

TEST_CASE("what is busy behind the busiest stage is told, and no tier is busy for less than it is critical") {
  Stage memory;
  memory.visit.then(Tier::hbm, Affine{4e-3, 1e-6});
  memory.occupancy = memory.visit;
  Stage link;
  link.visit.then(Tier::scale_out, Affine::constant(1e-3));
  link.occupancy.then(Tier::scale_out, Affine::constant(0.5e-3));
  const Interleaved two = interleave(std::vector<Stage>{memory, link}, 2, 4);
  CHECK(two.cycle.critical[Tier::hbm].value == Approx(8e-3));
  CHECK(two.cycle.critical[Tier::hbm].slope == Approx(2e-6));
  CHECK(two.cycle.critical[Tier::scale_out].value == 0);
  CHECK(two.cycle.busy[Tier::scale_out].value == Approx(1e-3));
  CHECK(two.cycle.horizon == Affine::forever);
}
