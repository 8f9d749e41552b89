// Three bottlenecks that everybody knows, so that a wrong attribution shows.
#include "tests/catch.hpp"
#include "tests/laws/random_cycle.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

Results results_of(std::string_view text) {
  const LoadedScenario loaded = scenario_of(text);
  return run(loaded.scenario, tools::program_catalogue(), loaded.build, {}).results;
}

double decode_share(const Results& results, TierArray<double> CycleShares::*share, Tier tier) {
  return (results.cycles.by_phase[static_cast<std::size_t>(Phase::decode)].*share)[tier];
}

}  // namespace

TEST_CASE("a prompt of 4,096 tokens alone on an H100 is bound by its matrix units") {
  const Results results = results_of(R"({
    "schema": 1,
    "model": { "config": "meta-llama/Llama-3.1-8B" },
    "pools": [ { "device": "h100_sxm" } ],
    "workload": { "source": "synthetic", "requests": 1, "arrivals": { "process": "constant", "rate": "1 /s" },
                  "lengths": { "input": 4096, "output": 1 } } })");
  REQUIRE(results.cycles.all.count == 1);
  CHECK(results.cycles.all.bottleneck_share[Tier::compute] == 1.0);
  const CycleShares& prefill = results.cycles.by_phase[static_cast<std::size_t>(Phase::prefill)];
  CHECK(prefill.time_share[Tier::compute] > 0.8);
}

TEST_CASE("Llama-3.1-70B on four H100 decodes a batch of 8 from memory") {
  const Results results = results_of(R"({
    "schema": 1,
    "model": { "config": "meta-llama/Llama-3.1-70B" },
    "pools": [ { "device": "h100_sxm", "parallelism": { "tensor": 4 } } ],
    "interconnect": "hgx_h100",
    "workload": { "source": "synthetic", "requests": 8, "arrivals": { "process": "closed_loop", "concurrency": 8 },
                  "lengths": { "input": 512, "output": 256 } } })");
  CHECK(decode_share(results, &CycleShares::bottleneck_share, Tier::hbm) == 1.0);
  CHECK(decode_share(results, &CycleShares::time_share, Tier::hbm) > 0.5);
}

TEST_CASE("Llama-3.1-8B on an H100 spends more than a twentieth of its decode on launches") {
  const Results results = results_of(R"({
    "schema": 1,
    "model": { "config": "meta-llama/Llama-3.1-8B" },
    "pools": [ { "device": "h100_sxm" } ],
    "workload": { "source": "synthetic", "requests": 8, "arrivals": { "process": "closed_loop", "concurrency": 8 },
                  "lengths": { "input": 512, "output": 256 } } })");
  CHECK(decode_share(results, &CycleShares::time_share, Tier::launch) > 0.05);
  CHECK(decode_share(results, &CycleShares::bottleneck_share, Tier::hbm) == 1.0);
}
