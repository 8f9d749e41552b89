// Replicas whose attention and feed-forward parts live on two groups of devices.
#include <fmt/format.h>

#include <cmath>

#include "sim/llm/split_program.hpp"
#include "sim/scenario/explain.hpp"
#include "tests/catch.hpp"
#include "tests/devices/tier_times.hpp"
#include "tests/laws/batches.hpp"
#include "tests/laws/random_cycle.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

struct Split {
  Setting attention;
  std::shared_ptr<const DeviceModel> device;  ///< of the feed-forward parts
  Deployment deployment;                      ///< of them
  double devices = 1;                         ///< that they are laid out on, where the device is spatial
  GroupLink link;
  std::int64_t micro_batches = 2;

  [[nodiscard]] double layers() const { return static_cast<double>(feed_forward_layers(attention.model)); }

  [[nodiscard]] SplitProgram program() const {
    std::vector<Placed> there = cycle_operators(attention.model, deployment, LayerPart::feed_forward);
    std::unique_ptr<StagePricer> stage;
    if (device->spatial() != nullptr) {
      stage = std::make_unique<LaidOutStage>(std::move(there), device, layers(), devices,
                                             activation_bytes_per_token(attention.model));
    } else {
      stage = std::make_unique<TogetherStage>(OperatorSum(std::move(there), device, attention.interconnect));
    }
    OperatorSum here(cycle_operators(attention.model, attention.deployment, LayerPart::attention), attention.device,
                     attention.interconnect);
    return {TogetherStage(std::move(here)), std::move(stage), link, layers(), micro_batches, attention.overheads};
  }
  [[nodiscard]] std::string text() const {
    return attention.text() + ", feed-forward on " + device->info().id + ", " + std::to_string(micro_batches) +
           " micro-batches";
  }
};

Split random_split(Dice& dice) {
  const Catalogue catalogue = tools::program_catalogue();
  const std::vector<std::string> models = {"meta-llama/Llama-3.1-8B", "meta-llama/Llama-3.1-70B",
                                           "mistralai/Mixtral-8x7B-v0.1", "deepseek-ai/DeepSeek-V3"};
  const std::string model = dice.one_of(models);
  const std::string device = dice.one_of(std::vector<std::string>{"h100_sxm", "rubin", "mi300x"});
  const int tensor = static_cast<int>(std::int64_t{1} << dice.integer(0, 3));
  Split out;
  out.attention = setting_of(device, model, tensor, Precision::fp8, Precision::bf16);
  out.attention.overheads = {Seconds{static_cast<double>(dice.spread(1, 20000)) * 1e-6}, dice.integer(0, 1) == 1,
                             Seconds{static_cast<double>(dice.integer(0, 1)) * 60e-6}};
  out.device = catalogue.device(
      dice.one_of(std::vector<std::string>{"groq3_lpu_lp30", "groq_lpu_v1", "cerebras_wse3", "h200_sxm"}), {});
  out.deployment.weights = out.device->stored_format(Precision::fp8);
  out.deployment.compute = out.device->compute_format(out.deployment.weights);
  out.devices = static_cast<double>(dice.spread(1, 2000));
  out.link.bandwidth = BytesPerSecond{static_cast<double>(dice.spread(1, 2000)) * 1e9};
  out.link.latency = Seconds{static_cast<double>(dice.spread(1, 100)) * 0.2e-6};
  const double hidden = static_cast<double>(out.attention.model.hidden);
  out.link.there = Bytes{hidden * static_cast<double>(dice.integer(1, 2))};
  out.link.back = Bytes{hidden * 2};
  out.micro_batches = dice.integer(1, 6);
  return out;
}

double seconds(const SplitProgram& program, const BatchShape& shape) {
  return program.price_from_scratch(shape).total().value;
}

Split llama_on_rubin_and_lpus(std::int64_t micro_batches) {
  Split out;
  out.attention = setting_of("rubin", "meta-llama/Llama-3.1-70B", 4, Precision::fp8, Precision::bf16);
  out.attention.overheads = {};
  out.device = tools::program_catalogue().device("groq3_lpu_lp30", {});
  out.deployment.weights = out.deployment.compute = Precision::fp8;
  out.devices = 256;
  out.link = {BytesPerSecond{400e9}, Seconds{5e-6}, Tier::scale_out, Bytes{8192}, Bytes{2 * 8192}};
  out.micro_batches = micro_batches;
  return out;
}

std::string scenario_text(const std::string& ffn, const std::string& pool = "") {
  return fmt::format(R"({{ "schema": 1, "model": {{ "config": "meta-llama/Llama-3.1-70B", "weights": "fp8" }},
    "pools": [ {{ "name": "p", "device": "h100_sxm", "parallelism": {{ "tensor": 2 }}, {}
      "ffn": {{ {} }}, "engine": {{ "max_model_len": 4096 }} }} ], "interconnect": "hgx_h100",
    "workload": {{ "source": "synthetic", "requests": 60, "arrivals": {{ "process": "closed_loop", "concurrency": 7 }},
                  "lengths": {{ "input": {{ "distribution": "uniform", "low": 20, "high": 900 }}, "output": 40 }} }} }})",
                     pool, ffn);
}

constexpr const char* link_text = R"("link": { "bandwidth": "50 GB/s", "latency": "3 us" })";

}  // namespace

TEST_CASE("critical times of split replicas add up, and a tier that is faster helps by its critical share") {
  constexpr double little = 1e-6;
  TierArray<int> with_time;
  TierArray<int> without_time;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Dice dice(seed);
    const Split split = random_split(dice);
    const BatchShape shape = random_shape(dice);
    const Cost cost = split.program().price_from_scratch(shape);
    INFO("seed " << seed << ": " << split.text() << ", batch of " << shape.tokens);
    double sum = 0;
    for (std::size_t t = 0; t < tier_count; ++t) {
      sum += cost.critical.at[t].value;
      CHECK(cost.critical.at[t].value >= 0);
      CHECK(cost.busy.at[t].value >= cost.critical.at[t].value * (1 - 1e-9));
    }
    CHECK(sum == Approx(cost.total().value));
    for (const Tier tier : {Tier::compute, Tier::sram, Tier::hbm, Tier::launch, Tier::pipeline, Tier::scale_out}) {
      Split faster = split;
      faster.attention.device = with_tier_times(split.attention.device, tier, 1 - little);
      faster.device = with_tier_times(split.device, tier, 1 - little);
      if (tier == Tier::scale_out) {
        faster.link.latency = faster.link.latency * (1 - little);
        faster.link.bandwidth = faster.link.bandwidth / (1 - little);
      }
      const double gained = cost.total().value - seconds(faster.program(), shape);
      const double critical = cost.critical[tier].value;
      INFO("tier " << name(tier));
      CHECK(std::abs(gained - little * critical) <= 1e-3 * little * critical + 1e-12 * cost.total().value);
      ++(critical > 0 ? with_time : without_time)[tier];
    }
  }
  for (const Tier tier : {Tier::sram, Tier::hbm, Tier::launch, Tier::pipeline, Tier::scale_out}) {
    INFO("tier " << name(tier));
    CHECK(with_time[tier] >= 20);
    CHECK(without_time[tier] >= 20);
  }
}

TEST_CASE("the carried price of a split replica is its price from scratch, until its horizon") {
  int checked = 0;
  int level = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Dice dice(seed);
    const Split split = random_split(dice);
    SplitProgram program = split.program();
    const BatchShape shape = random_shape(dice, {}, false);
    const Cost carried = program.price(shape);
    INFO("seed " << seed << ": " << split.text() << ", batch of " << shape.tokens);
    const std::int64_t last = std::min<std::int64_t>(carried.horizon, 100000) - 1;
    for (const std::int64_t k : {std::int64_t{0}, dice.integer(0, last), last}) {
      const Cost fresh = program.price_from_scratch(shape.advanced(k));
      CHECK(carried.total().at(k) == Approx(fresh.total().value).epsilon(1e-9));
      if (const int others = differing_tiers(carried, k, fresh); others > 0) {
        // Two tiers draw level exactly at this cycle; then both name the time rightly, and rounding picks one.
        CHECK(others == 2);
        CHECK(k == carried.horizon - 1);
        ++level;
      }
      ++checked;
    }
  }
  CHECK(level < checked / 20);
}

TEST_CASE("with an infinitely fast feed-forward side and link, the cycle is the attention part of its micro-batches") {
  for (const std::int64_t micro_batches : {1, 2, 5}) {
    Split split = llama_on_rubin_and_lpus(micro_batches);
    // Nothing of a device is free but its time: all of it is scaled away.
    auto device = split.device;
    for (const Tier tier : {Tier::sram, Tier::compute, Tier::pipeline}) device = with_tier_times(device, tier, 1e-15);
    split.device = device;
    split.link.bandwidth = BytesPerSecond{1e30};
    split.link.latency = {};
    const BatchShape shape = decode(60, 3000);
    const OperatorSum attention(
        cycle_operators(split.attention.model, split.attention.deployment, LayerPart::attention),
        split.attention.device, split.attention.interconnect);
    const double part = attention.price_from_scratch(shape, micro_batches).total().value;
    CHECK(seconds(split.program(), shape) == Approx(part * static_cast<double>(micro_batches)).epsilon(1e-9));
    CHECK(split.program().lateness(shape).value < 1e-9 * part);
  }
}

TEST_CASE("attention and feed-forward parts together are the operators and weights of the whole model") {
  const Catalogue catalogue = tools::program_catalogue();
  for (const std::string& name : ModelCatalogue(catalogue.models).names()) {
    const ModelShape model = ModelCatalogue(catalogue.models).find(name);
    const Deployment deployment;
    const auto products = [&](LayerPart part) {
      double flops = 0;
      for (const Placed& placed : cycle_operators(model, deployment, part)) {
        if (const auto* gemm = std::get_if<Gemm>(&placed.work)) flops += placed.count * gemm->flops_per_row.value;
        if (const auto* experts = std::get_if<Experts>(&placed.work))
          flops += placed.count * experts->flops_per_row.value * experts->rows_per_token;
      }
      return flops;
    };
    INFO(name);
    CHECK(products(LayerPart::attention) + products(LayerPart::feed_forward) == Approx(products(LayerPart::all)));
    const Footprint held = footprint(model, deployment);
    CHECK((held.weights(LayerPart::attention) + held.weights(LayerPart::feed_forward)).value ==
          Approx(held.weights().value));
  }
}

TEST_CASE("two visits of every layer carry the batch over the link: 2 x layers x batch x hidden x bytes") {
  Split split = llama_on_rubin_and_lpus(4);
  split.link = {BytesPerSecond{100e9}, Seconds{}, Tier::scale_out, Bytes{2 * 8192}, Bytes{2 * 8192}};
  const BatchShape shape = decode(128, 500);
  const double bytes = 2.0 * 80 * 128 * 8192 * 2;
  CHECK(split.program().link_bytes(shape).value == bytes);
  CHECK(split.program().price_from_scratch(shape).busy[Tier::scale_out].value == Approx(bytes / 100e9));
}

TEST_CASE(
    "more micro-batches never make a cycle longer while the trip limits it, and cost launches once a stage does") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Dice dice(seed);
    Split split = random_split(dice);
    split.attention.overheads = {};
    const BatchShape shape = decode(60, dice.spread(2, 20000));  // divided evenly by 1 to 6
    split.micro_batches = 1;
    double before = seconds(split.program(), shape);
    for (std::int64_t parts = 2; parts <= 6; ++parts) {
      split.micro_batches = parts;
      const SplitProgram program = split.program();
      double trip = 0;
      double slowest = 0;
      for (const Stage& stage : program.way(shape)) {
        trip += stage.visit.total().value;
        slowest = std::max(slowest, stage.occupancy.total().value * static_cast<double>(parts));
      }
      const double now = seconds(program, shape);
      INFO("seed " << seed << ": " << split.text());
      CHECK(now == Approx(std::max(trip, slowest)));
      if (60 % parts == 0 && trip >= slowest) CHECK(now <= before * (1 + 1e-12));
      if (60 % parts == 0) before = now;
    }
  }
  // On Rubin and LPUs at batch 60, two micro-batches nearly keep attention busy: each one more only adds the launches
  // and the weights of its own visit.
  double last = 0;
  for (const std::int64_t parts : {2, 3, 4, 5, 6}) {
    const double now = seconds(llama_on_rubin_and_lpus(parts).program(), decode(60, 1000));
    CHECK(now > last);
    last = now;
  }
}

TEST_CASE("a split replica leaps as it goes cycle by cycle, to the picosecond") {
  for (const std::string ffn :
       {R"("device": "groq3_lpu_lp30", "micro_batches": 3, )",
        R"("device": "h200_sxm", "parallelism": { "tensor": 2 }, "interconnect": "hgx_h200", )"}) {
    const std::string text = scenario_text(ffn + link_text);
    const Records leaping = run_records(scenario_of(text));
    RunOptions reference;
    reference.reference = true;
    const Records stepping = run_records(scenario_of(text, reference));
    REQUIRE(leaping.requests.size() == 60);
    CHECK(leaping.digest.value() == stepping.digest.value());
  }
}

TEST_CASE("weights of each part must fit their own group, and the cache is with attention") {
  const Catalogue catalogue = tools::program_catalogue();
  const auto built = [&](const std::string& text) {
    const LoadedScenario loaded = scenario_of(text);
    return build(loaded.scenario, catalogue, loaded.build);
  };
  const Built fitting = built(scenario_text(std::string(R"("device": "groq3_lpu_lp30", )") + link_text));
  const BuiltPool& pool = fitting.pools.front();
  // 56.4 GB of weights and the rows of a cycle, over 0.5 GB x 0.92.
  const Footprint held = footprint(pool.model, pool.feed_forward->deployment);
  CHECK(pool.feed_forward->memory.terms.front().bytes == held.ffn + held.router);
  CHECK(pool.feed_forward->memory.devices >= 123);
  CHECK(pool.devices() == 2 + pool.feed_forward->memory.devices);
  CHECK(pool.memory.terms.front().bytes.value ==
        Approx((held.weights() - held.ffn - held.router).value / 2).epsilon(1e-3));

  const std::string needed = std::to_string(pool.feed_forward->memory.devices);
  const auto message = [&](const std::string& text) {
    try {
      (void)built(text);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const std::string few =
      message(scenario_text(std::string(R"("device": "groq3_lpu_lp30", "count": 100, )") + link_text));
  INFO(few);
  CHECK(few.find("the feed-forward parts of meta-llama/Llama-3.1-70B do not fit 100 devices: weights 56.37 GB") !=
        std::string::npos);
  CHECK(few.find("they need " + needed) != std::string::npos);
  const std::string one = message(scenario_text(std::string(R"("device": "v100_sxm_32", )") + link_text));
  INFO(one);
  CHECK(one.find("do not fit 1 devices") != std::string::npos);
  CHECK(one.find("they need 4") != std::string::npos);
}

TEST_CASE("keys of a second group that say nothing sensible are refused with what would be right") {
  const Catalogue catalogue = tools::program_catalogue();
  const auto message = [&](const std::string& ffn) {
    try {
      const LoadedScenario loaded = scenario_of(scenario_text(ffn));
      (void)build(loaded.scenario, catalogue, loaded.build);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const auto says = [&](const std::string& ffn, const std::string& expected) {
    const std::string text = message(ffn);
    INFO(text);
    CHECK(text.find(expected) != std::string::npos);
  };
  const std::string lpu = R"("device": "groq3_lpu_lp30", )";
  says(lpu + R"("link": { "bandwidth": "50 GB/s" })", "/pools/0/ffn/link/latency");
  says(lpu + R"("link": { "bandwidth": "0 GB/s", "latency": "1 us" })", "must be above zero");
  says(R"("device": "groq3_lpu_lp30")", "/pools/0/ffn/link");
  says(lpu + R"("micro_batches": 0, )" + link_text, "/pools/0/ffn/micro_batches");
  says(lpu + R"("parallelism": { "tensor": 4 }, "interconnect": "hgx_h100", )" + link_text,
       "write \"count\", the devices of the group");
  says(R"("device": "h200_sxm", "parallelism": { "tensor": 4 }, )" + std::string(link_text), "links must be named");
  says(R"("device": "h200_sxm", "interconnect": "hgx_h200", )" + std::string(link_text), "its group is one device");
  says(R"("device": "h200_sxm", "count": 3, )" + std::string(link_text), "but \"count\" is 3");
  says(R"("device": "h9000", )" + std::string(link_text), "\"h9000\" is unknown");

  const LoadedScenario spatial = scenario_of(fmt::format(
      R"({{ "schema": 1, "model": {{ "config": "meta-llama/Llama-3.1-8B" }}, "pools": [ {{ "device": "groq3_lpu_lp30",
         "ffn": {{ "device": "groq3_lpu_lp30", {} }} }} ], "workload": {{ "source": "synthetic", "requests": 1,
         "arrivals": {{ "process": "constant", "rate": "1 /s" }}, "lengths": {{ "input": 9, "output": 9 }} }} }})",
      link_text));
  CHECK_THROWS_WITH(build(spatial.scenario, catalogue, spatial.build),
                    Catch::Contains("which can only be the device of \"ffn\""));
}

TEST_CASE("the explanation of a split replica shows both sides and the way between them") {
  const LoadedScenario loaded = scenario_of(scenario_text(std::string(R"("device": "groq3_lpu_lp30", )") + link_text));
  const Built built = build(loaded.scenario, tools::program_catalogue(), loaded.build);
  const Explanation explained = explain(loaded.scenario, built);
  const ExplainedPool& pool = explained.pools.front();
  REQUIRE(pool.feed_forward);
  CHECK(pool.feed_forward->link_bytes_per_token.value == 2 * 80 * 8192 * 2);
  for (const ExplainedCycle& cycle : pool.cycles) {
    REQUIRE(cycle.stages.size() == 4);
    double trip = 0;
    for (const NamedStage& stage : cycle.stages) {
      trip += stage.visit.value;
      CHECK(cycle.cost.total().value >= stage.served.value);
    }
    CHECK(cycle.cost.total().value >= trip);
  }
  CHECK(text(explained).find("feed-forward parts on ") != std::string::npos);
  CHECK(json_text(explained).find("\"link_bytes_per_token\": 2621440") != std::string::npos);
}
