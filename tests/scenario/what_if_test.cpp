// Factors on the machines of the catalogue: everything twice as fast takes half the time, and a factor that could
// change nothing is refused.
#include <fmt/format.h>

#include "sim/scenario/cost_report.hpp"
#include "tests/catch.hpp"
#include "tests/laws/runs.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

/// `pool` is inside of the pool's braces, behind its name.
std::string scenario(const std::string& pool, const std::string& further = "") {
  return fmt::format(R"({{ "schema": 1, "model": {{ "config": "meta-llama/Llama-3.1-8B" }},
    "pools": [ {{ "name": "p", {} }} ], {}
    "workload": {{ "source": "synthetic", "requests": 40, "arrivals": {{ "process": "closed_loop", "concurrency": 8 }},
                  "lengths": {{ "input": 300, "output": 100 }} }} }})",
                     pool, further);
}

Outcome ran(const std::string& text) {
  const LoadedScenario loaded = scenario_of(text);
  return run(loaded.scenario, tools::program_catalogue(), loaded.build, {});
}

BuiltPool built(const std::string& text) {
  const LoadedScenario loaded = scenario_of(text);
  Built all = build(loaded.scenario, tools::program_catalogue(), loaded.build);
  return std::move(all.pools.front());
}

std::string refusal(const std::string& text) {
  try {
    (void)ran(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

double duration(const std::string& text) { return ran(text).results.duration.seconds(); }

}  // namespace

TEST_CASE("a machine that is twice as fast in everything takes half the time") {
  struct Case {
    std::string pool;
    std::string factors;
    std::string further;
  };
  const std::vector<Case> cases = {
      {R"("device": "groq_lpu_v1")", R"("compute_rate": 2, "sram_bandwidth": 2, "pipeline_speed": 2)", ""},
      {R"("device": "cerebras_wse3")", R"("compute_rate": 2, "sram_bandwidth": 2, "pipeline_speed": 2)", ""},
      {R"("device": "h100_sxm", "parallelism": {"tensor": 4})",
       R"("compute_rate": 2, "vector_rate": 2, "hbm_bandwidth": 2, "launch_speed": 2, "host_speed": 2,
          "scale_up_speed": 2)",
       R"("interconnect": "hgx_h100",)"},
  };
  for (const Case& one : cases) {
    INFO(one.pool);
    const auto price = [&](const std::string& pool) {
      const LoadedScenario loaded = scenario_of(scenario(pool, one.further));
      Built all = build(loaded.scenario, tools::program_catalogue(), loaded.build);
      // A limit of power would keep the machine from being faster.
      all.pools.front().overheads.power.reset();
      BatchShape shape;
      for (int sequence = 0; sequence < 8; ++sequence) shape.add(500, 1, true, true);
      shape.padded = 8;
      return cycle_pricer(all.pools.front(), all.interconnect)->price(shape).total();
    };
    const Affine before = price(one.pool);
    const Affine after = price(one.pool + R"(, "what_if": {)" + one.factors + "}");
    CHECK(after.value == Approx(before.value / 2).epsilon(1e-12));
    CHECK(after.slope == Approx(before.slope / 2).epsilon(1e-12));
  }
}

TEST_CASE("factors of one change no record") {
  const std::string pool = R"("device": "h100_sxm")";
  const std::string ones = pool + R"(, "what_if": {"hbm_bandwidth": 1, "memory_capacity": 1.0, "price": 1})";
  CHECK(ran(scenario(ones)).results.digest == ran(scenario(pool)).results.digest);
  const std::string faster = pool + R"(, "what_if": {"hbm_bandwidth": 1.001})";
  CHECK(ran(scenario(faster)).results.digest != ran(scenario(pool)).results.digest);
}

TEST_CASE("a faster memory saves about as much as its share of the time") {
  const std::string pool = R"("device": "h100_sxm")";
  const Outcome before = ran(scenario(pool));
  constexpr double little = 0.001;
  const double after = duration(scenario(pool + R"(, "what_if": {"hbm_bandwidth": 1.001})"));
  const double hbm = before.results.cycles.all.time_share[Tier::hbm] * before.results.duration.seconds();
  CHECK(before.results.duration.seconds() - after == Approx(hbm * little / (1 + little)).epsilon(0.01));
}

TEST_CASE("memory and price are those of the file times the factor") {
  const std::string pool = R"("device": "h100_sxm")";
  const BuiltPool as_built = built(scenario(pool));
  const BuiltPool larger = built(scenario(pool + R"(, "what_if": {"memory_capacity": 1.5, "price": 0.5})"));
  const double memory = as_built.device->info().memory.value.value;
  CHECK(larger.device->info().memory.value.value == Approx(1.5 * memory));
  const double block = 16 * 131072.0;
  const double more = 0.5 * memory * 0.92 / block;
  CHECK(std::abs(static_cast<double>(larger.memory.blocks - as_built.memory.blocks) - more) <= 1);
  REQUIRE(larger.price.has_value());
  CHECK(larger.price->capital.value == Approx(as_built.price->capital.value / 2));
}

TEST_CASE("a factor that could change nothing is refused with the reason") {
  const auto with = [](const std::string& pool, const std::string& factors) {
    return refusal(scenario(pool + R"(, "what_if": {)" + factors + "}"));
  };
  CHECK(with(R"("device": "h100_sxm")", R"("sram_bandwidth": 2)") ==
        "pool \"p\": what_if/sram_bandwidth changes nothing, because no time there belongs to tier sram on h100_sxm");
  CHECK(with(R"("device": "h100_sxm")", R"("scale_up_speed": 2)") ==
        "pool \"p\": what_if/scale_up_speed changes nothing, because nothing that runs there uses links of tier "
        "scale_up on h100_sxm");
  CHECK(with(R"("device": "groq_lpu_v1")", R"("host_speed": 2)") ==
        "pool \"p\": what_if/host_speed changes nothing, because no time there belongs to tier host_cpu on "
        "groq_lpu_v1");
  CHECK(with(R"("device": "h100_sxm", "cost": {"price": "3 USD/h"})", R"("price": 2)")
            .find("changes the price of the device's file, but \"cost\" stands in its place: change it there") !=
        std::string::npos);
  CHECK(with(R"("device": "h100_sxm")", R"("hbm_bandwidth": 0)").find("what_if/hbm_bandwidth") != std::string::npos);
}
