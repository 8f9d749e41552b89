// The main job on published traces, where they are at hand: every request that arrived is accounted for.
#include "tests/catch.hpp"
#include "tests/laws/runs.hpp"
#include "tests/shared.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

/// The example scenario with another trace in place of its own.
Outcome run_on(const std::string& scenario, const std::string& trace) {
  const Catalogue catalogue = tools::program_catalogue();
  RunOptions options;
  options.set = {"/workload/path=" + trace};
  const LoadedScenario loaded = load_scenario(project_file(scenario), catalogue, options);
  return run(loaded.scenario, catalogue, loaded.build, options);
}

void check_accounts(const Outcome& outcome, std::int64_t rows) {
  const RequestCounts& counts = outcome.results.requests;
  CHECK(counts.arrived == rows);
  CHECK(counts.of(Status::completed) + counts.of(Status::rejected) == counts.arrived);
  CHECK(counts.of(Status::completed) > rows * 9 / 10);
  const Shares& shares = outcome.results.cycles;
  std::int64_t replicas = 0;
  for (const BuiltPool& pool : outcome.built.pools) replicas += pool.spec.replicas;
  // Boundaries are rounded down to a picosecond wherever a segment starts, which is at most once a cycle.
  const double life_ps = static_cast<double>(replicas * outcome.results.duration.ps);
  const double rest_ps = (shares.all.busy_s + shares.idle_s) * 1e12 - life_ps;
  CHECK(rest_ps > -1e-15 * life_ps);
  CHECK(rest_ps < static_cast<double>(outcome.cycles));
}

}  // namespace

TEST_CASE(
    "the Azure 2023 conversation trace on two replicas of four H100: completed and rejected are all that arrived") {
  const auto folder = shared("the Azure trace on its scenario");
  if (!folder) return;
  const auto trace = (*folder / "traces/azure_2023/AzureLLMInferenceTrace_conv.part1.csv").string();
  const Outcome outcome = run_on("scenarios/azure_conversation.json", trace);
  check_accounts(outcome, 13'927);
  CHECK(outcome.results.tokens.input_cached == 0);
}

TEST_CASE("the Mooncake conversation trace on eight replicas: completed and rejected are all that arrived") {
  const auto folder = shared("the Mooncake trace on its scenario");
  if (!folder) return;
  const auto trace = (*folder / "traces/mooncake_fast25/conversation_trace.part1.jsonl").string();
  const Outcome outcome = run_on("scenarios/mooncake_conversation.json", trace);
  check_accounts(outcome, 8'000);
  CHECK(outcome.results.tokens.input_cached > 0);
  CHECK(outcome.results.tokens.input_cached < outcome.results.tokens.input);
}
