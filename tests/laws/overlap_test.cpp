// Two halves of a batch that take turns: what hides, what it costs, and when it is worth it.
#include <fmt/format.h>

#include <cmath>

#include "sim/llm/overlap_program.hpp"
#include "tests/catch.hpp"
#include "tests/devices/tier_times.hpp"
#include "tests/laws/batches.hpp"
#include "tests/laws/random_cycle.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

constexpr DualBatchOverlap always(double share) { return {0, 0, share}; }

OverlapProgram overlapped(const Setting& setting, DualBatchOverlap settings) {
  return {cycle_operators(setting.model, setting.deployment), setting.device, setting.interconnect,
          static_cast<double>(setting.model.layer_count()),   settings,       setting.overheads};
}

Setting random_gpus(Dice& dice) {
  const std::string device = dice.one_of(std::vector<std::string>{"h100_sxm", "b200_sxm", "mi300x", "a100_sxm_80"});
  const std::string model = dice.one_of(std::vector<std::string>{
      "meta-llama/Llama-3.1-8B", "meta-llama/Llama-3.1-70B", "mistralai/Mixtral-8x7B-v0.1", "deepseek-ai/DeepSeek-V3"});
  const int tensor = static_cast<int>(std::int64_t{2} << dice.integer(0, 2));
  return setting_of(device, model, tensor, Precision::fp8, Precision::bf16);
}

double total(const CyclePricer& program, const BatchShape& shape) {
  return program.price_from_scratch(shape).total().value;
}

/// Seconds of the collectives, or of everything else, of the whole batch.
double alone(const Setting& setting, const BatchShape& shape, bool collectives) {
  std::vector<Placed> operators;
  for (Placed& placed : cycle_operators(setting.model, setting.deployment)) {
    if (std::holds_alternative<AllReduce>(placed.work) == collectives) operators.push_back(std::move(placed));
  }
  return OperatorSum(std::move(operators), setting.device, setting.interconnect)
      .price_from_scratch(shape)
      .total()
      .value;
}

std::string scenario_text(const std::string& engine, int tensor = 4, const std::string& device = "h100_sxm") {
  return fmt::format(R"({{ "schema": 1, "model": {{ "config": "meta-llama/Llama-3.1-70B", "weights": "fp8" }},
    "pools": [ {{ "name": "p", "device": "{}", "parallelism": {{ "tensor": {} }},
      "engine": {{ {} "max_model_len": 4096 }} }} ], "interconnect": "hgx_h100",
    "workload": {{ "source": "synthetic", "requests": 80, "arrivals": {{ "process": "closed_loop", "concurrency": 40 }},
                  "lengths": {{ "input": {{ "distribution": "uniform", "low": 20, "high": 900 }}, "output": 40 }} }} }})",
                     device, tensor, engine);
}

}  // namespace

TEST_CASE("no overlap makes a cycle shorter than its work alone or its collectives alone") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Dice dice(seed);
    Setting setting = random_gpus(dice);
    setting.overheads = {};
    BatchShape shape = random_shape(dice);
    shape.padded = shape.tokens;
    const double time = total(overlapped(setting, always(0)), shape);
    INFO("seed " << seed << ": " << setting.text() << ", batch of " << shape.tokens);
    CHECK(time >= std::max(alone(setting, shape, false), alone(setting, shape, true)) * (1 - 1e-12));
    // Setting multiprocessors aside never makes it faster, and slows nothing but the arithmetic.
    const Cost less = overlapped(setting, always(0.15)).price_from_scratch(shape);
    CHECK(less.total().value >= time * (1 - 1e-12));
    CHECK(less.total().value <= time / 0.85 * (1 + 1e-12));
  }
}

TEST_CASE("critical times of overlapped cycles add up, and a tier that is faster helps by its critical share") {
  constexpr double little = 1e-6;
  TierArray<int> with_time;
  TierArray<int> without_time;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Dice dice(seed);
    const Setting setting = random_gpus(dice);
    const BatchShape shape = random_shape(dice);
    const DualBatchOverlap settings = always(dice.integer(0, 1) == 0 ? 0 : 0.15);
    const Cost cost = overlapped(setting, settings).price_from_scratch(shape);
    INFO("seed " << seed << ": " << setting.text() << ", batch of " << shape.tokens);
    double sum = 0;
    for (std::size_t t = 0; t < tier_count; ++t) {
      sum += cost.critical.at[t].value;
      CHECK(cost.critical.at[t].value >= 0);
      CHECK(cost.busy.at[t].value >= cost.critical.at[t].value * (1 - 1e-9));
    }
    CHECK(sum == Approx(cost.total().value));
    for (const Tier tier : {Tier::compute, Tier::hbm, Tier::launch, Tier::scale_up}) {
      Setting faster = setting;
      std::vector<Placed> operators = cycle_operators(setting.model, setting.deployment);
      faster.device = with_tier_times(setting.device, tier, 1 - little);
      if (tier == Tier::scale_up) {
        // All time of a collective belongs to its link, so running it less often is running it faster.
        for (Placed& placed : operators) {
          if (std::holds_alternative<AllReduce>(placed.work)) placed.count *= 1 - little;
        }
      }
      const OverlapProgram after(operators, faster.device, setting.interconnect,
                                 static_cast<double>(setting.model.layer_count()), settings, setting.overheads);
      const double gained = cost.total().value - total(after, shape);
      const double critical = cost.critical[tier].value;
      INFO("tier " << name(tier));
      CHECK(std::abs(gained - little * critical) <= 1e-3 * little * critical + 1e-12 * cost.total().value);
      ++(critical > 0 ? with_time : without_time)[tier];
    }
  }
  for (const Tier tier : {Tier::compute, Tier::hbm, Tier::launch, Tier::scale_up}) {
    INFO("tier " << name(tier));
    CHECK(with_time[tier] >= 20);
  }
}

TEST_CASE("splitting loses where weights are the work, and wins where collectives are") {
  Setting setting = setting_of("h100_sxm", "meta-llama/Llama-3.1-70B", 8, Precision::fp8, Precision::bf16);
  setting.overheads = {};
  const PriceProgram whole = setting.program();
  const OverlapProgram split = overlapped(setting, always(0.15));
  // Eight sequences: the layers' weights are read twice, and an all-reduce is a few microseconds.
  CHECK(total(split, decode(8, 500)) > 1.2 * total(whole, decode(8, 500)));
  // Eight thousand rows: all-reduces of 128 MB need a sizeable part of the products' time, and hide behind them.
  CHECK(total(split, prompt(8000)) < 0.95 * total(whole, prompt(8000)));
  // Hidden is not gone: the links are busy for as long as before.
  const Cost hidden = split.price_from_scratch(prompt(8000));
  CHECK(hidden.busy[Tier::scale_up].value >= 0.99 * whole.price_from_scratch(prompt(8000)).busy[Tier::scale_up].value);
  CHECK(hidden.critical[Tier::scale_up].value < 0.1 * hidden.busy[Tier::scale_up].value);
}

TEST_CASE("below its thresholds an overlapping engine does what it does without") {
  Dice dice(7);
  const Setting setting = random_gpus(dice);
  const OverlapProgram program = overlapped(setting, {32, 512, 0.15});
  const PriceProgram plain = setting.program();
  for (const BatchShape& shape : {decode(31, 300), prompt(511), decode(1, 9)}) {
    CHECK_FALSE(program.splits(shape));
    CHECK(total(program, shape) == total(plain, shape));
    CHECK(program.stages(shape).empty());
  }
  CHECK(program.splits(decode(32, 300)));
  CHECK(program.splits(prompt(512)));
  CHECK(program.stages(prompt(512)).size() == 2);
}

TEST_CASE("an overlapping engine leaps as it goes cycle by cycle, and one that never splits changes nothing") {
  RunOptions reference;
  reference.reference = true;
  const std::string on = scenario_text(R"("dual_batch_overlap": { "decode_token_threshold": 16 },)");
  const std::uint64_t leaping = run_records(scenario_of(on)).digest.value();
  CHECK(leaping == run_records(scenario_of(on, reference)).digest.value());
  const std::uint64_t off = run_records(scenario_of(scenario_text(""))).digest.value();
  CHECK(leaping != off);
  const std::string never = scenario_text(
      R"("dual_batch_overlap": { "decode_token_threshold": 1000000, "prefill_token_threshold": 1000000 },)");
  CHECK(run_records(scenario_of(never)).digest.value() == off);
}

TEST_CASE("overlap that has nothing to hide, or nowhere to run, is refused") {
  const Catalogue catalogue = tools::program_catalogue();
  const auto message = [&](const std::string& text) {
    try {
      const LoadedScenario loaded = scenario_of(text);
      (void)build(loaded.scenario, catalogue, loaded.build);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const std::string on = R"("dual_batch_overlap": {},)";
  CHECK_THAT(message(scenario_text(on, 1)), Catch::Contains("a replica of one device has no collectives"));
  CHECK_THAT(message(scenario_text(on, 4, "matx_one")), Catch::Contains("write \"communication_share\": 0"));
  CHECK_THAT(message(scenario_text(R"("dual_batch_overlap": { "communication_share": 1.5 },)")),
             Catch::Contains("/pools/0/engine/dual_batch_overlap/communication_share"));
}
