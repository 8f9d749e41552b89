// Wafers whose weights are brought layer by layer, because they do not fit.
#include <fmt/format.h>

#include <cmath>

#include "sim/llm/streamed_program.hpp"
#include "tests/catch.hpp"
#include "tests/devices/tier_times.hpp"
#include "tests/laws/batches.hpp"
#include "tests/laws/random_cycle.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

struct Streamed {
  std::shared_ptr<const DeviceModel> device;
  ModelShape model;
  Deployment deployment;
  std::int64_t devices = 1;

  [[nodiscard]] StreamedProgram program() const {
    return {cycle_operators(model, deployment), device, devices, footprint(model, deployment).weights(), {}};
  }
};

Streamed streamed(const std::string& device, const std::string& model, std::int64_t devices) {
  const Catalogue catalogue = tools::program_catalogue();
  Streamed out{catalogue.device(device, {}), ModelCatalogue(catalogue.models).find(model), {}, devices};
  out.deployment.compute = out.device->compute_format(out.deployment.weights);
  return out;
}

double seconds(const StreamedProgram& program, const BatchShape& shape) {
  return program.price_from_scratch(shape).total().value;
}

std::string scenario_text(const std::string& pool, const std::string& model = "meta-llama/Llama-3.1-70B",
                          const std::string& weights = "fp16") {
  return fmt::format(R"({{ "schema": 1, "model": {{ "config": "{}", "weights": "{}" }},
    "pools": [ {{ "name": "w", {}, "engine": {{ "max_model_len": 4096 }} }} ],
    "workload": {{ "source": "synthetic", "requests": 40, "arrivals": {{ "process": "closed_loop", "concurrency": 9 }},
                  "lengths": {{ "input": {{ "distribution": "uniform", "low": 20, "high": 900 }}, "output": 40 }} }} }})",
                     model, weights, pool);
}

}  // namespace

TEST_CASE("a streamed cycle takes all weights over the link once, whatever the batch, and says so by tier") {
  const Streamed laid = streamed("cerebras_wse3", "meta-llama/Llama-3.1-70B", 1);
  const double once = footprint(laid.model, laid.deployment).weights() / BytesPerSecond{150e9} / Seconds{1};
  CHECK(once == Approx(141.1e9 / 150e9).epsilon(2e-3));
  const StreamedProgram program = laid.program();
  for (const std::int64_t batch : {1, 8, 64}) {
    const Cost cost = program.price_from_scratch(decode(batch, 1000));
    CHECK(cost.total().value == Approx(once));
    CHECK(cost.critical[Tier::host_memory].value == Approx(once));
    CHECK(cost.critical[Tier::pipeline].value == 0);
    CHECK(cost.busy[Tier::pipeline].value > 0);
  }
  // A prompt that is long enough is worth more arithmetic than its weights are worth bytes.
  BatchShape prompt;
  prompt.add(0, 60000, true, false);
  prompt.padded = prompt.tokens;
  CHECK(program.price_from_scratch(prompt).critical[Tier::host_memory].value == 0);
  CHECK(seconds(program, prompt) > once);
  // Two wafers are sent the same weights at the same time and share the rows.
  const Streamed two = streamed("cerebras_wse3", "meta-llama/Llama-3.1-70B", 2);
  CHECK(seconds(two.program(), decode(64, 1000)) == Approx(once));
  CHECK(seconds(two.program(), prompt) < 0.7 * seconds(program, prompt));
}

TEST_CASE("critical times of streamed cycles add up, and a tier that is faster helps by its critical share") {
  constexpr double little = 1e-6;
  TierArray<int> with_time;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    Dice dice(seed);
    const Streamed laid =
        streamed(dice.one_of(std::vector<std::string>{"cerebras_wse2", "cerebras_wse3"}),
                 dice.one_of(std::vector<std::string>{"meta-llama/Llama-3.1-8B", "mistralai/Mixtral-8x7B-v0.1"}),
                 dice.integer(1, 9));
    BatchShape shape = random_shape(dice);
    // Streaming hides everything but prompts of a length that no engine's budget takes at once.
    if (dice.integer(0, 1) == 1) shape.add(0, dice.spread(100000, 2000000), true, false);
    shape.padded = shape.tokens;
    const Cost cost = laid.program().price_from_scratch(shape);
    INFO("seed " << seed << ": " << laid.model.name << " on " << laid.devices << " x " << laid.device->info().id);
    double sum = 0;
    for (std::size_t t = 0; t < tier_count; ++t) {
      sum += cost.critical.at[t].value;
      CHECK(cost.busy.at[t].value >= cost.critical.at[t].value * (1 - 1e-9));
    }
    CHECK(sum == Approx(cost.total().value));
    for (const Tier tier : {Tier::sram, Tier::compute, Tier::pipeline, Tier::host_memory}) {
      Streamed faster = laid;
      faster.device = with_tier_times(laid.device, tier, 1 - little);
      const double gained = cost.total().value - seconds(faster.program(), shape);
      const double critical = cost.critical[tier].value;
      INFO("tier " << name(tier));
      CHECK(std::abs(gained - little * critical) <= 1e-3 * little * critical + 1e-12 * cost.total().value);
      with_time[tier] += critical > 0 ? 1 : 0;
    }
  }
  for (const Tier tier : {Tier::compute, Tier::pipeline, Tier::host_memory}) CHECK(with_time[tier] >= 10);
}

TEST_CASE("streaming is refused unless the scenario allows it, and where there is nothing to stream from") {
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
  CHECK_THAT(message(scenario_text(R"("device": "cerebras_wse3", "count": 2)")),
             Catch::Contains("or \"weights\": \"streamed\" of the pool"));
  CHECK(message(scenario_text(R"("device": "cerebras_wse3", "count": 2, "weights": "streamed")")).empty());
  CHECK_THAT(message(scenario_text(R"("device": "groq_lpu_v1", "count": 99)")), !Catch::Contains("streamed"));
  for (const std::string device : {"groq_lpu_v1", "h100_sxm"}) {
    CHECK_THAT(message(scenario_text("\"device\": \"" + device + "\", \"weights\": \"streamed\"")),
               Catch::Contains("has no memory outside it that weights are streamed from"));
  }
  CHECK_THAT(
      message(scenario_text(R"("device": "cerebras_wse3", "weights": "streamed")", "moonshotai/Kimi-K2-Instruct")),
      Catch::Contains("exceed the 1500.00 GB of the memory that they are streamed from"));
}

TEST_CASE("a streamed replica leaps as it goes cycle by cycle, and its wafers hold no weights but two layers") {
  const std::string text = scenario_text(R"("device": "cerebras_wse3", "weights": "streamed")");
  RunOptions reference;
  reference.reference = true;
  Records records;
  run_into(scenario_of(text), records, [](const Built& built) {
    const BuiltPool& pool = built.pools.front();
    CHECK(pool.devices_per_replica == 1);
    // 80 layers of 1.71 GB in 16 bits.
    CHECK(pool.memory.terms.front().bytes.value == Approx(2 * 1.711e9).epsilon(1e-3));
  });
  CHECK(records.requests.size() == 40);
  CHECK(records.digest.value() == run_records(scenario_of(text, reference)).digest.value());
}
