// A price that is carried from cycle to cycle equals the price made anew, for as long as it says, and is used no
// longer.
#include <cmath>

#include "tests/catch.hpp"
#include "tests/laws/random_cycle.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

double relative(double value, double reference) { return std::abs(value / reference - 1); }

}  // namespace

TEST_CASE("a carried price equals a fresh one up to its horizon") {
  int bounded = 0;
  int checked = 0;
  int level = 0;
  for (std::uint64_t seed = 1; seed <= 80; ++seed) {
    Dice dice(seed);
    const Setting setting = random_setting(dice);
    PriceProgram program = setting.program();
    for (int i = 0; i < 25; ++i) {
      const BatchShape shape = random_shape(dice, setting.reaches(), false);
      const Cost carried = program.price(shape);
      REQUIRE(carried.horizon >= 1);
      if (carried.horizon < 1'000'000) ++bounded;
      const std::int64_t last = std::min<std::int64_t>(carried.horizon - 1, 1'000'000);
      for (const std::int64_t k : {std::int64_t{0}, dice.integer(0, last), dice.integer(0, last), last}) {
        const Cost fresh = program.price_from_scratch(shape.advanced(k));
        INFO("seed " << seed << ": " << setting.text() << ", cycle " << k << " of " << carried.horizon);
        CHECK(relative(carried.total().at(k), fresh.total().value) < 1e-9);
        if (const int others = differing_tiers(carried, k, fresh); others > 0) {
          // Two tiers draw level exactly at this cycle; then both name the time rightly, and rounding picks one.
          CHECK(others == 2);
          CHECK(k == carried.horizon - 1);
          CHECK(relative(carried.total().at(k), fresh.total().value) < 1e-13);
          ++level;
        }
        ++checked;
      }
    }
  }
  CHECK(bounded > 500);
  CHECK(level < checked / 100);
}

TEST_CASE("a price that is kept equals the price from scratch, whatever was asked before") {
  Dice dice(7);
  const Setting setting = random_setting(dice);
  PriceProgram program = setting.program();
  for (int i = 0; i < 400; ++i) {
    const BatchShape shape = random_shape(dice, setting.reaches());
    const Cost kept = program.price(shape);
    const Cost fresh = program.price_from_scratch(shape);
    CHECK(kept.total().value == fresh.total().value);
    CHECK(kept.total().slope == fresh.total().slope);
    CHECK(kept.horizon == fresh.horizon);
  }
}

TEST_CASE(
    "every decode cycle of a run lasts what its batch costs when priced alone, so no price outlives its horizon") {
  const LoadedScenario loaded = scenario_of(R"({
    "schema": 1,
    "model": { "config": "meta-llama/Llama-3.1-8B" },
    "pools": [ { "device": "h100_sxm", "engine": { "kind": "vllm", "max_num_seqs": 8 } } ],
    "workload": { "source": "synthetic", "requests": 12,
                  "arrivals": { "process": "closed_loop", "concurrency": 4 },
                  "lengths": { "input": { "distribution": "uniform", "low": 20, "high": 400 },
                               "output": { "distribution": "uniform", "low": 5000, "high": 20000 } } } })");
  const Setting setting = setting_of("h100_sxm", "meta-llama/Llama-3.1-8B", 1, Precision::bf16, Precision::bf16);
  const PriceProgram program = setting.program();
  std::int64_t checked = 0;
  std::int64_t ended_by_horizon = 0;
  BatchShape last_opened;
  bool last_is_decode = false;
  Records records;
  records.on_cycles = [&](const CycleSpan& span) {
    BatchShape shape;
    shape.tokens = shape.decode_tokens = shape.decode_sequences = shape.sampled = span.decode_tokens;
    shape.padded = span.padded_tokens;
    shape.decode_context = span.kv_tokens;
    if (span.offset == 0) {
      last_opened = shape;
      last_is_decode = span.phase == Phase::decode;
    }
    if (span.phase != Phase::decode) return;
    REQUIRE(span.sequences == span.decode_tokens);
    for (const std::int64_t j : {std::int64_t{0}, span.cycles / 2, span.cycles - 1}) {
      const double lasted = static_cast<double>(span.ramps->duration().at(span.offset + j)) * 0x1p-24 * 1e-12;
      const double fresh = program.price_from_scratch(shape.advanced(j)).total().value;
      CHECK(relative(lasted, fresh) < 1e-9);
      ++checked;
    }
  };
  records.on_segment = [&](std::int64_t, std::int64_t cycles, const TierRamps&) {
    if (!last_is_decode) return;
    const std::int64_t horizon = program.price_from_scratch(last_opened).horizon;
    CHECK(cycles <= horizon);
    if (cycles == horizon) ++ended_by_horizon;
  };
  run_into(loaded, records);
  CHECK(records.requests.size() == 12);
  CHECK(checked > 60);
  CHECK(ended_by_horizon > 5);
}
