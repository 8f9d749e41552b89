// Energy and power: what work takes adds up, the same in leaps and cycle by cycle, and no cycle draws more than it may.
#include "sim/scenario/energy.hpp"

#include <fmt/format.h>

#include <cmath>

#include "hw_models/sram_lpu/sram_lpu.hpp"
#include "sim/llm/overlap_program.hpp"
#include "sim/llm/spatial_program.hpp"
#include "tests/catch.hpp"
#include "tests/laws/random_cycle.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

std::string chat(const std::string& pool, const std::string& rate, int requests, const std::string& more = "") {
  return fmt::format(R"({{ "schema": 1, "model": {{ "config": "meta-llama/Llama-3.1-8B" }}, "pools": [ {{ {} }} ], {}
    "workload": {{ "source": "synthetic", "requests": {}, "arrivals": {{ "process": "poisson", "rate": "{} /s" }},
                  "lengths": {{ "input": 300, "output": 60 }} }} }})",
                     pool, more, requests, rate);
}

Outcome ran(const std::string& text, bool reference = false) {
  RunOptions options;
  options.reference = reference;
  const LoadedScenario loaded = scenario_of(text, options);
  return run(loaded.scenario, tools::program_catalogue(), loaded.build, options);
}

std::string refusal(const std::string& pool) {
  try {
    (void)ran(chat(pool, "2", 5));
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

constexpr const char* h100 = R"("device": "h100_sxm")";
constexpr const char* capped = R"("device": "h100_sxm", "power_cap": "420 W")";

}  // namespace

TEST_CASE("energy by tier, while running and while idle adds up to the energy of a run") {
  const Outcome outcome = ran(chat(h100, "2", 60));
  const EnergyReport report = energy_of(outcome);
  REQUIRE(report.all.unknown.empty());
  const PoolEnergy& pool = report.pools.front();
  const Shares& cycles = outcome.results.pools.front().cycles;
  double work = 0;
  for (const double joules : pool.work_j.at) work += joules;
  CHECK(work > 0);
  CHECK(pool.joules() == Approx(work + pool.running_j + pool.idle_j).epsilon(1e-12));
  // The file of the board has 390 W while running and 75 W without work.
  CHECK(pool.running_j == Approx(390 * cycles.all.busy_s).epsilon(1e-12));
  CHECK(cycles.idle_s > 1);
  CHECK(pool.idle_j == Approx(75 * cycles.idle_s).epsilon(1e-12));
  CHECK(pool.mean_w == Approx(pool.joules() / outcome.results.duration.seconds()).epsilon(1e-9));
  CHECK(pool.mean_w < pool.peak_w);
  CHECK(pool.peak_w <= 700 * (1 + 1e-9));
  REQUIRE(pool.most_j.has_value());
  CHECK(pool.joules() < *pool.most_j);
}

TEST_CASE("leaps and the reference take the same energy to the bit") {
  const std::string node = R"("interconnect": "hgx_h100",)";
  const std::vector<std::string> texts = {
      chat(h100, "20", 200), chat(capped, "20", 200),
      chat(R"("device": "tpu_v6e", "engine": {"max_model_len": 4096})", "5", 40),
      chat(R"("device": "h100_sxm", "replicas": 2, "parallelism": {"tensor": 4})", "40", 200, node)};
  for (const std::string& text : texts) {
    INFO(text);
    const EnergyReport leaps = energy_of(ran(text));
    const EnergyReport cycles = energy_of(ran(text, true));
    REQUIRE(leaps.all.unknown.empty());
    for (std::size_t i = 0; i < tier_count; ++i) CHECK(leaps.all.work_j.at[i] == cycles.all.work_j.at[i]);
    CHECK(leaps.all.joules() == cycles.all.joules());
    CHECK(leaps.pools.front().peak_w == cycles.pools.front().peak_w);
  }
}

TEST_CASE("a product takes the energy of its bytes and operations, and no more than the board gives in its time") {
  const auto device = tools::program_catalogue().device("h100_sxm", {});
  Gemm work;
  work.weights = Bytes{2e8};
  work.flops_per_row = Flops{2e8};
  // 200 MB at 3.59 pJ/bit; 8 rows of 0.2 GFLOP at 0.85 pJ.
  const Cost small = device->gemm(work, 8);
  CHECK(small.joules[Tier::hbm].value == Approx(2e8 * 8 * 3.59e-12).epsilon(1e-12));
  CHECK(small.joules[Tier::compute].value == Approx(1.6e9 * 0.85e-12).epsilon(1e-12));
  // 8,192 rows run at a rate that the board reached with 700 W, 390 W of them its own.
  const Cost large = device->gemm(work, 8192);
  CHECK(large.energy().value == Approx(310 * large.total().value).epsilon(1e-12));
  CHECK(large.joules[Tier::compute].value > 0.9 * large.energy().value);
}

TEST_CASE("energy follows a growing context exactly for as long as its price holds") {
  for (std::uint64_t seed = 300; seed < 340; ++seed) {
    Dice dice(seed);
    const Setting setting = random_setting(dice);
    const PriceProgram program = setting.program();
    const BatchShape shape = random_shape(dice, setting.reaches(), false);
    const Cost cost = program.price_from_scratch(shape);
    std::int64_t last = std::min<std::int64_t>(cost.horizon - 1, 5000);
    for (const ReachSum& sum : shape.reaches) last = std::min(last, sum.horizon - 1);
    if (last < 1) continue;
    INFO("seed " << seed << ": " << setting.text() << ", " << last << " cycles later");
    const Cost later = program.price_from_scratch(shape.advanced(last));
    for (std::size_t i = 0; i < tier_count; ++i) {
      const double extended = cost.joules.at[i].value + cost.joules.at[i].slope * static_cast<double>(last);
      CHECK(std::abs(extended - later.joules.at[i].value) <= 1e-6 * std::abs(later.energy().value));
    }
  }
}

TEST_CASE("no cycle draws more than its cap on average, and raising the cap never slows it") {
  int limited = 0, free = 0;
  for (std::uint64_t seed = 500; seed < 560; ++seed) {
    Dice dice(seed);
    Setting setting = random_setting(dice);
    const double low = static_cast<double>(dice.spread(5, 500));
    const double clocked = static_cast<double>(dice.integer(0, 9)) * 0.1;
    for (int i = 0; i < 10; ++i) {
      const BatchShape shape = random_shape(dice, setting.reaches());
      INFO("seed " << seed << ": " << setting.text() << ", limit " << low << " W");
      setting.overheads.power.reset();
      const Cost unlimited = setting.program().price_from_scratch(shape);
      setting.overheads.power = {Watts{low}, Watts{low * clocked}};
      const Cost tight = setting.program().price_from_scratch(shape);
      setting.overheads.power = {Watts{low * 1.5}, Watts{low * clocked}};
      const Cost wide = setting.program().price_from_scratch(shape);
      // Drawn beside what is drawn at any clock: work, and the clocked part with what the lower clock saves of it.
      const auto drawn = [&](std::int64_t k) { return tight.energy().at(k) + low * clocked * tight.total().at(k); };
      const std::int64_t last = std::min<std::int64_t>(tight.horizon - 1, 100000);
      for (const std::int64_t k : {std::int64_t{0}, last}) CHECK(drawn(k) <= low * tight.total().at(k) * (1 + 1e-9));
      CHECK(wide.total().value <= tight.total().value * (1 + 1e-12));
      CHECK(unlimited.total().value <= wide.total().value * (1 + 1e-12));
      const bool power = tight.critical[Tier::power].value > 0;
      ++(power ? limited : free);
      const double closed = unlimited.energy().value / low + clocked * unlimited.total().value;
      CHECK(tight.total().value == Approx(power ? closed : unlimited.total().value).epsilon(1e-12));
    }
  }
  CHECK(limited > 50);
  CHECK(free > 50);
}

TEST_CASE("two halves of a batch that take turns take the energy of both, and read the weights twice") {
  for (std::uint64_t seed = 600; seed < 630; ++seed) {
    Dice dice(seed);
    const Setting setting = setting_of("h100_sxm", "meta-llama/Llama-3.1-70B", 4, Precision::fp8, Precision::bf16);
    BatchShape shape = random_shape(dice);
    shape.tokens += shape.tokens % 2, shape.padded = shape.tokens, shape.sampled += shape.sampled % 2;
    const std::vector<Placed> operators = cycle_operators(setting.model, setting.deployment);
    const OverlapProgram turns(operators, setting.device, setting.interconnect,
                               static_cast<double>(setting.model.layer_count()), {0, 0, 0}, {});
    const PriceProgram whole(operators, setting.device, setting.interconnect, {});
    const Cost apart = turns.price_from_scratch(shape), together = whole.price_from_scratch(shape);
    INFO("seed " << seed << ", batch of " << shape.tokens);
    double weights = 0;
    for (const Placed& placed : operators) {
      const auto* gemm = std::get_if<Gemm>(&placed.work);
      if (gemm != nullptr && placed.driver == Driver::tokens) weights += placed.count * gemm->weights.value;
    }
    const double again = weights * 8 * 3.59e-12;
    CHECK(apart.joules[Tier::hbm].value - together.joules[Tier::hbm].value == Approx(again).epsilon(1e-6));
  }
}

TEST_CASE("a capped board never draws more than its cap, and the report says what that cost") {
  const Outcome open = ran(chat(h100, "20", 200));
  const Outcome closed = ran(chat(capped, "20", 200));
  CHECK(energy_of(closed).pools.front().peak_w <= 420 * (1 + 1e-9));
  CHECK(energy_of(open).pools.front().peak_w > 420);
  CHECK(closed.results.cycles.all.time_share[Tier::power] > 0.1);
  CHECK(open.results.cycles.all.time_share[Tier::power] == 0);
  CHECK(closed.results.latency.itl.mean > open.results.latency.itl.mean);
  // Below what a running board draws at full clock, too.
  const Outcome low = ran(chat(R"("device": "h100_sxm", "power_cap": "250 W")", "20", 200));
  CHECK(energy_of(low).pools.front().peak_w <= 250 * (1 + 1e-9));
  CHECK(energy_of(low).pools.front().peak_w > 249);
}

TEST_CASE("machines laid out in space take the energy of every slot at every place, on however many devices") {
  const Catalogue catalogue = tools::program_catalogue();
  const auto known = catalogue.device("groq_lpu_v1", {});
  const auto& lpu = dynamic_cast<const SramLpu&>(*known);
  DeviceInfo info = lpu.info();
  // The file has no energy: a picojoule a byte, and as much an operation.
  info.energy.per_byte[Tier::sram] = {JoulesPerByte{1e-12}, Basis::placeholder, "", {}};
  info.energy.per_flop[static_cast<std::size_t>(Precision::fp16)] = {JoulesPerFlop{1e-12}, Basis::placeholder, "", {}};
  const auto device = std::make_shared<const SramLpu>(std::move(info), lpu.achieved(), lpu.fabric());
  const ModelShape model = ModelCatalogue(catalogue.models).find("meta-llama/Llama-3.1-8B");
  Deployment deployment;
  deployment.compute = device->compute_format(deployment.weights);
  const std::vector<Placed> operators = cycle_operators(model, deployment);
  BatchShape shape;
  for (int i = 0; i < 7; ++i) shape.add(999, 1, true, true);
  shape.add(0, 64, true, false);
  shape.padded = shape.tokens;
  double bytes_and_flops = 0;
  for (const Placed& placed : operators) {
    double once = 0;
    if (const auto* gemm = std::get_if<Gemm>(&placed.work)) {
      // Every slot reads the weights again: a decoding token, or a few tokens of a prompt.
      const bool head = placed.driver == Driver::sampled;
      const double rows = static_cast<double>(head ? shape.sampled : shape.tokens);
      const double slots = head ? rows : 7 + 64 / lpu.prompt_slot_tokens();
      once = slots * gemm->weights.value + rows * (gemm->activations_per_row.value + gemm->flops_per_row.value);
    } else if (const auto* attention = std::get_if<Attention>(&placed.work)) {
      once = 7000 * (attention->kv_per_token.value + attention->flops_per_decode_pair.value) +
             64 * attention->kv_per_token.value + 64 * 65 / 2 * attention->flops_per_pair.value;
    } else if (const auto* small = std::get_if<Elementwise>(&placed.work)) {
      once = static_cast<double>(shape.tokens) * small->bytes_per_row.value;
    }
    bytes_and_flops += placed.count * once;
  }
  for (const double devices : {20.0, 32.0, 71.0, 640.0}) {
    INFO(devices << " devices");
    const SpatialProgram program(operators, device, static_cast<double>(model.layer_count()), devices,
                                 activation_bytes_per_token(model), {});
    CHECK(program.price_from_scratch(shape).energy().value * devices == Approx(bytes_and_flops * 1e-12).epsilon(1e-9));
  }
}

TEST_CASE("a device whose file has no energy leaves it unknown and says why") {
  const Outcome outcome = ran(chat(R"("device": "groq_lpu_v1", "engine": {"max_model_len": 2048})", "20", 20));
  const PoolEnergy all = energy_of(outcome).all;
  CHECK(all.unknown == "the file of groq_lpu_v1 has no power of a running device");
  // What its boards may have drawn is known all the same: 300 W each, for as long as the run.
  REQUIRE(all.most_j.has_value());
  const auto chips = static_cast<double>(outcome.built.pools[0].devices());
  CHECK(*all.most_j == Approx(300 * chips * outcome.results.duration.seconds()).epsilon(1e-9));
}

TEST_CASE("replicas of two groups of devices say that their energy is not told apart, and take no cap") {
  const std::string split = R"("device": "h100_sxm", "ffn": {"device": "h100_sxm", "link": {"bandwidth": "50 GB/s",
                              "latency": "2 us"}})";
  const Outcome outcome = ran(chat(split, "2", 10));
  const PoolEnergy pool = energy_of(outcome).pools.front();
  CHECK(pool.unknown == "the energy of two groups of devices, h100_sxm and h100_sxm, is not told apart");
  REQUIRE(pool.most_j.has_value());
  CHECK(*pool.most_j == Approx(2 * 700 * outcome.results.duration.seconds()).epsilon(1e-9));
  CHECK(refusal(split + R"(, "power_cap": "500 W")") ==
        "pool \"pool1\": power_cap is not built for replicas of two groups of devices; leave it out");
}

TEST_CASE("a cap that cannot be kept to is refused with what would be right") {
  CHECK(refusal(R"("device": "h100_sxm", "power_cap": "75 W")") ==
        "pool \"pool1\": power_cap 75 W leaves nothing for work: h100_sxm draws 75 W at any clock");
  CHECK(refusal(R"("device": "h100_sxm", "power_cap": "800 W")") ==
        "pool \"pool1\": power_cap 800 W is above the board power of h100_sxm, 700 W");
  CHECK(refusal(R"("device": "cerebras_wse3", "power_cap": "20 kW")") ==
        "pool \"pool1\": power_cap cannot be kept to, because the file of cerebras_wse3 has no energy of its work");
}
