// Machines on which layers are laid out in space: capacity first, then trips and places.
#include <fmt/format.h>

#include <cmath>

#include "sim/llm/spatial_memory.hpp"
#include "sim/llm/spatial_program.hpp"
#include "tests/catch.hpp"
#include "tests/devices/tier_times.hpp"
#include "tests/laws/batches.hpp"
#include "tests/laws/random_cycle.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

const std::vector<std::string> machines = {"groq_lpu_v1", "groq3_lpu_lp30", "cerebras_wse3", "cerebras_wse2"};

struct Laid {
  std::shared_ptr<const DeviceModel> device;
  ModelShape model;
  Deployment deployment;
  double devices = 1;

  [[nodiscard]] SpatialProgram program() const {
    return {cycle_operators(model, deployment), device, static_cast<double>(model.layer_count()), devices,
            activation_bytes_per_token(model),  {}};
  }
};

Laid laid_out(const std::string& device, const std::string& model, double devices) {
  const Catalogue catalogue = tools::program_catalogue();
  Laid out{catalogue.device(device, {}), ModelCatalogue(catalogue.models).find(model), {}, devices};
  out.deployment.compute = out.device->compute_format(out.deployment.weights);
  return out;
}

Laid random_layout(Dice& dice) {
  const std::string device = dice.one_of(machines);
  const std::vector<std::string> models = {"meta-llama/Llama-3.1-8B", "meta-llama/Llama-3.1-70B",
                                           "mistralai/Mixtral-8x7B-v0.1"};
  const std::string model = dice.one_of(models);
  return laid_out(device, model, static_cast<double>(dice.spread(1, 2000)));
}

double seconds(const SpatialProgram& program, const BatchShape& shape) {
  return program.price_from_scratch(shape).total().value;
}

double seconds_of(const CyclePricer& program, const BatchShape& shape) {
  return program.price_from_scratch(shape).total().value;
}

/// A scenario with 70B in 16 bits on first-generation LPUs.
std::string lpus(const std::string& count) {
  return fmt::format(R"({{ "schema": 1, "model": {{ "config": "meta-llama/Llama-3.1-70B", "weights": "bf16" }},
    "pools": [ {{ "device": "groq_lpu_v1", {} "engine": {{ "max_model_len": 2048, "gpu_memory_utilization": 1 }} }} ],
    "workload": {{ "source": "synthetic", "requests": 40, "arrivals": {{ "process": "closed_loop", "concurrency": 3 }},
                  "lengths": {{ "input": 100, "output": 50 }} }} }})",
                     count);
}

}  // namespace

TEST_CASE("a 70B model in 16 bits needs about 600 first-generation LPUs, and fewer are refused with that count") {
  const LoadedScenario loaded = scenario_of(lpus(""));
  const Built built = build(loaded.scenario, tools::program_catalogue(), loaded.build);
  // 141 GB of weights over 230 MB, and room for one sequence.
  CHECK(built.pools[0].devices_per_replica >= 609);
  CHECK(built.pools[0].devices_per_replica <= 640);
  const std::string needed = std::to_string(built.pools[0].devices_per_replica);
  const LoadedScenario few = scenario_of(lpus("\"count\": 500,"));
  try {
    (void)build(few.scenario, tools::program_catalogue(), few.build);
    FAIL("500 chips do not hold it");
  } catch (const InputError& error) {
    INFO(error.what());
    CHECK(std::string(error.what()).find("it needs " + needed + " devices") != std::string::npos);
  }
}

TEST_CASE(
    "a cycle of a spatial machine spends no time in stacked memory, in launches or on a host, and has no jitter") {
  const LoadedScenario loaded = scenario_of(lpus(""));
  Records records;
  std::int64_t cycles = 0;
  records.on_segment = [&](std::int64_t, std::int64_t count, const TierRamps& ramps) {
    cycles += count;
    for (const Tier tier : {Tier::hbm, Tier::launch, Tier::host_cpu, Tier::vector}) CHECK(ramps.busy[tier] == Ramp{});
    CHECK(ramps.busy[Tier::sram].first > 0);
    CHECK(ramps.critical[Tier::pipeline].first > 0);
  };
  run_into(loaded, records);
  CHECK(cycles > 600);
  // Equal requests in equal company take equal times, to the picosecond.
  RunOptions reference;
  reference.reference = true;
  CHECK(run_records(scenario_of(lpus(""), reference)).digest.value() == records.digest.value());
}

TEST_CASE("critical times of spatial cycles add up, and a tier that is faster helps by its critical share") {
  constexpr double little = 1e-6;
  TierArray<int> with_time;
  TierArray<int> without_time;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Dice dice(seed);
    const Laid laid = random_layout(dice);
    const BatchShape shape = random_shape(dice);
    const SpatialProgram program = laid.program();
    const Cost cost = program.price_from_scratch(shape);
    INFO("seed " << seed << ": " << laid.model.name << " on " << laid.devices << " x " << laid.device->info().id);
    double sum = 0;
    for (std::size_t t = 0; t < tier_count; ++t) {
      sum += cost.critical.at[t].value;
      CHECK(cost.busy.at[t].value >= cost.critical.at[t].value * (1 - 1e-9));
    }
    CHECK(sum == Approx(cost.total().value));
    for (const Tier tier : {Tier::sram, Tier::compute, Tier::pipeline}) {
      Laid faster = laid;
      faster.device = with_tier_times(laid.device, tier, 1 - little);
      REQUIRE(faster.device != nullptr);
      const double gained = cost.total().value - seconds(faster.program(), shape);
      const double critical = cost.critical[tier].value;
      INFO("tier " << name(tier));
      CHECK(std::abs(gained - little * critical) <= 1e-3 * little * critical + 1e-12 * cost.total().value);
      ++(critical > 0 ? with_time : without_time)[tier];
    }
  }
  // The draws must reach both kinds of cycles: those that wait for the trip, and those that fill the places. Memory and
  // arithmetic have critical time in both, because every cycle has operators of either kind.
  for (const Tier tier : {Tier::sram, Tier::compute, Tier::pipeline}) {
    INFO("tier " << name(tier));
    CHECK(with_time[tier] >= 20);
  }
  CHECK(without_time[Tier::pipeline] >= 20);
}

TEST_CASE("more work never takes a spatial machine less time, and no cycle beats its memory or its arithmetic") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Dice dice(seed);
    const Laid laid = random_layout(dice);
    const SpatialProgram program = laid.program();
    const std::int64_t sequences = dice.spread(1, 300);
    const std::int64_t context = dice.spread(2, 20000);
    INFO("seed " << seed << ": " << laid.model.name << " on " << laid.devices << " x " << laid.device->info().id);
    const double time = seconds(program, decode(sequences, context));
    CHECK(seconds(program, decode(sequences + 1, context)) >= time * (1 - 1e-12));
    CHECK(seconds(program, decode(sequences, context + 100)) >= time * (1 - 1e-12));
    // Every slot reads the layers' weights where they are, and all devices together read no faster than their memories.
    const Footprint held = footprint(laid.model, laid.deployment);
    double read = 0;
    for (const Placed& placed : cycle_operators(laid.model, laid.deployment)) {
      if (const auto* gemm = std::get_if<Gemm>(&placed.work)) read += placed.count * gemm->weights.value;
    }
    read = read * static_cast<double>(sequences) + held.kv_per_token.value * static_cast<double>(sequences * context);
    const double machines_bandwidth = laid.device->info().bandwidth.value.value * laid.devices;
    if (laid.devices >= static_cast<double>(laid.model.layer_count()) || laid.device->info().mechanism == "wafer") {
      CHECK(time >= read / machines_bandwidth * (1 - 1e-9));
    }
  }
}

TEST_CASE("a sequence alone has its first token when its last slot is through, and each next one a trip later") {
  const std::string text =
      R"({ "schema": 1, "model": { "config": "meta-llama/Llama-3.1-8B", "weights": "fp16" },
    "pools": [ { "device": "cerebras_wse3", "engine": { "max_model_len": 2048, "gpu_memory_utilization": 1 } } ],
    "workload": { "source": "synthetic", "requests": 3, "arrivals": { "process": "closed_loop", "concurrency": 1 },
                  "lengths": { "input": 1500, "output": 50 } } })";
  std::unique_ptr<CyclePricer> pricer;
  double places = 0;
  Records records;
  run_into(scenario_of(text), records, [&](const Built& built) {
    pricer = cycle_pricer(built.pools.front(), nullptr);
    places = dynamic_cast<const SpatialProgram&>(*pricer).places();
  });
  REQUIRE(records.requests.size() == 3);

  // The prompt enters as slots, one behind the other: all but the last keep the first place busy, and the last one
  // needs a whole trip from there.
  BatchShape prompt;
  prompt.add(0, 1500, true, false);
  prompt.padded = prompt.tokens;
  const auto chip = tools::program_catalogue().device("cerebras_wse3", {});
  const double slots = 1500 / chip->spatial()->prompt_slot_tokens();
  const Cost whole = pricer->price_from_scratch(prompt);
  // At this length the places and not the trip limit the cycle, so the cycle is what the slots need of a place.
  REQUIRE(whole.critical[Tier::pipeline].value == 0);
  // The head's work, once a sequence, counts as spread over the slots here: that is the tolerance below.
  const double of_a_slot = whole.total().value / slots;
  const double trip = places * of_a_slot + dynamic_cast<const SpatialProgram&>(*pricer).latency().value;
  const double first = (slots - 1) * of_a_slot + trip;
  for (const RequestRecord& r : records.requests) {
    CHECK((r.first_token - r.arrival).seconds() == Approx(first).epsilon(2e-3));
    CHECK((r.first_token - r.arrival).seconds() > whole.total().value * 1.01);
    // One token alone in the pipe: its next one comes a trip later.
    double after = 0;
    for (std::int64_t i = 0; i < 49; ++i) after += seconds_of(*pricer, decode(1, 1501 + i));
    CHECK((r.finish - r.first_token).seconds() == Approx(after).epsilon(1e-9));
    CHECK(pricer->lateness(decode(1, 1501)).value == Approx(0).margin(1e-15));
  }
  // The next request of the loop comes when the last token is there, and not when the first place is free.
  const std::vector<RequestRecord> in_order = by_id(records.requests);
  CHECK(in_order[1].arrival == in_order[0].finish);
}

TEST_CASE("a batch only fills the pipe: below the number of slots that the places need, it costs nothing") {
  const Laid laid = laid_out("groq_lpu_v1", "meta-llama/Llama-3.1-70B", 640);
  const SpatialProgram program = laid.program();
  CHECK(seconds(program, decode(2, 100)) == Approx(seconds(program, decode(1, 100))).epsilon(1e-6));
  const double many = seconds(program, decode(4000, 100));
  CHECK(many > 2 * seconds(program, decode(1, 100)));
  CHECK(program.price_from_scratch(decode(4000, 100)).critical[Tier::pipeline].value == 0);
}

TEST_CASE("the last slot of a cycle is never later than a trip, and clients that give up see the same in both modes") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Dice dice(seed);
    const Laid laid = random_layout(dice);
    const SpatialProgram program = laid.program();
    const BatchShape shape = random_shape(dice);
    const Affine late = program.lateness(shape);
    INFO("seed " << seed << ": " << laid.model.name << " on " << laid.devices << " x " << laid.device->info().id);
    CHECK(late.value >= 0);
    CHECK(late.value < seconds(program, shape));
    CHECK(late.horizon >= 1);
  }
  const std::string text =
      R"({ "schema": 1, "model": { "config": "meta-llama/Llama-3.1-8B", "weights": "fp16" },
    "pools": [ { "device": "cerebras_wse3", "engine": { "max_model_len": 8192, "max_num_seqs": 24 } } ],
    "workload": { "source": "synthetic", "requests": 300, "timeout": "0.15 s",
                  "arrivals": { "process": "poisson", "rate": "150 /s" },
                  "lengths": { "input": { "distribution": "uniform", "low": 10, "high": 3000 },
                               "output": { "distribution": "uniform", "low": 1, "high": 300 } } } })";
  RunOptions reference;
  reference.reference = true;
  const Records leaping = run_records(scenario_of(text));
  CHECK(leaping.digest.value() == run_records(scenario_of(text, reference)).digest.value());
  int gave_up = 0;
  for (const RequestRecord& r : leaping.requests) {
    gave_up += r.status == Status::timed_out ? 1 : 0;
    CHECK((r.output_tokens > 0) == (r.first_token != Time::never()));
    if (r.output_tokens > 0) CHECK(r.first_token <= r.finish);
    CHECK((r.finish - r.arrival).seconds() <= 0.15);
  }
  CHECK(gave_up >= 20);
  CHECK(gave_up <= 280);
}
