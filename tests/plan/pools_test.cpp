// Replicas of prefill and of decode against every combination.
#include "tools/plan/pools.hpp"

#include "tests/catch.hpp"
#include "tests/plan/small.hpp"

using namespace memwall;
using namespace memwall::tools::plan;

TEST_CASE("the numbers of replicas found are the cheapest of all combinations") {
  struct Case {
    std::string ttft, tpot;
    double decode_usd;
  };
  const std::vector<Case> cases = {
      {"800 ms", "12 ms", 2.95}, {"500 ms", "9 ms", 1}, {"500 ms", "9 ms", 9}, {"2 s", "5 ms", 2}};
  for (const Case& each : cases) {
    const Catalogue known = test::catalogue();
    const Base base =
        open_base(test::scenario_folder() + "/disaggregation/push.json",
                  {"/workload/requests=100", "/workload/arrivals/rate=25 /s", "/slo/ttft/p99=" + each.ttft,
                   "/slo/tpot/p95=" + each.tpot, "/pools/1/cost/price=" + std::to_string(each.decode_usd) + " USD/h"},
                  known, {});
    SearchOptions wanted;
    wanted.max_devices = 7;
    const PoolsPlan found = search_pools(base, wanted, test::one_by_one());
    wanted.exhaustive = true;
    const PoolsPlan all = search_pools(base, wanted, test::one_by_one());
    // Pairs of whole numbers from 1 on with a sum of at most 7.
    CHECK(all.candidates == 21);
    CHECK(all.trials.size() == 21);
    CHECK(found.trials.size() < 21);
    INFO(each.ttft << " " << each.tpot << " at " << each.decode_usd);
    CHECK(found.best == all.best);
    if (!all.best) continue;
    for (const auto& [counts, trial] : all.trials) {
      if (trial.passed()) CHECK(all.usd_per_hour(counts) >= found.usd_per_hour(*found.best));
    }
    // With one replica less nothing cheaper passes.
    for (const auto& [pool, less] : found.less) CHECK_FALSE(less.passed());
  }
}
