// The same scenario and seed give the same bytes, and leaping changes nothing that anybody can see.
#include "tests/catch.hpp"
#include "tests/laws/runs.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

const std::vector<std::string> examples = {
    "scenarios/quickstart.json",       "scenarios/azure_conversation.json", "scenarios/mooncake_conversation.json",
    "scenarios/digest/generated.json", "scenarios/examples/agents.json",    "scenarios/examples/rollouts.json",
    "scenarios/examples/day.json"};

Records run_example(const std::string& path, const RunOptions& options) {
  return run_records(load_scenario(project_file(path), tools::program_catalogue(), options));
}

std::string first_difference(const Records& a, const Records& b) {
  if (a.requests.size() != b.requests.size()) return "the number of requests";
  for (std::size_t i = 0; i < a.requests.size(); ++i) {
    const RequestRecord& x = a.requests[i];
    const RequestRecord& y = b.requests[i];
    const bool same = x.id == y.id && x.pool == y.pool && x.replica == y.replica && x.arrival == y.arrival &&
                      x.first_scheduled == y.first_scheduled && x.first_token == y.first_token &&
                      x.finish == y.finish && x.input_tokens == y.input_tokens && x.cached_tokens == y.cached_tokens &&
                      x.output_tokens == y.output_tokens && x.preemptions == y.preemptions && x.status == y.status;
    if (!same) return "the record of request " + std::to_string(x.id.value);
  }
  return {};
}

}  // namespace

TEST_CASE("the same seed gives the same digest and records, another seed another digest") {
  for (const std::string& path : examples) {
    INFO(path);
    const Records once = run_example(path, {});
    const Records again = run_example(path, {});
    REQUIRE(!once.requests.empty());
    CHECK(once.digest.text() == again.digest.text());
    CHECK(first_difference(once, again) == "");
  }
  RunOptions other;
  other.seed = 2;
  CHECK(run_example("scenarios/quickstart.json", {}).digest.text() !=
        run_example("scenarios/quickstart.json", other).digest.text());
}

TEST_CASE("leaping equals one cycle an event in the digest and every request record of the examples") {
  for (const std::string& path : examples) {
    INFO(path);
    RunOptions reference;
    reference.reference = true;
    const Records leaping = run_example(path, {});
    const Records stepping = run_example(path, reference);
    CHECK(first_difference(leaping, stepping) == "");
    CHECK(leaping.digest.text() == stepping.digest.text());
  }
}

TEST_CASE("what is written does not change what happens") {
  RunOptions watched;
  watched.every_cycle = true;
  std::size_t bytes = 0;
  watched.requests_csv = watched.cycles_csv = [&bytes](std::string_view text) { bytes += text.size(); };
  for (const std::string& path : examples) {
    INFO(path);
    const Catalogue catalogue = tools::program_catalogue();
    const LoadedScenario loaded = load_scenario(project_file(path), catalogue, watched);
    const Outcome outcome = run(loaded.scenario, catalogue, loaded.build, watched);
    CHECK(hex16(outcome.results.digest) == run_example(path, {}).digest.text());
  }
  CHECK(bytes > 100'000);
}
