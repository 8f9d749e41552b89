// Traffic before a run, its scaling, and the highest rate that passes against a fine grid of rates.
#include "tests/catch.hpp"
#include "tests/plan/small.hpp"

using namespace memwall;
using namespace memwall::tools::plan;
using test::Setting;

TEST_CASE("the goodput found is the highest passing rate of a fine grid within 1 %") {
  for (const std::string slo : {"/slo/ttft/p99=100 ms", "/slo/tpot/p95=11 ms"}) {
    std::vector<std::string> edits = test::chat("10 /s");
    edits.push_back(slo);
    edits.emplace_back("/workload/requests=600");
    const Setting setting(edits);
    const auto offers = setting.offers({"h100_sxm"}, {1});
    const HighestRate found = goodput(setting.base, offers[0].layout, 2, offers[0].found, setting.traffic, {});
    REQUIRE(found.at.has_value());
    CHECK(found.at->passed());
    CHECK_FALSE(found.above->passed());
    // Steps of a quarter of a percent, from a tenth below to a tenth above.
    double highest = 0;
    for (double factor = found.factor * 0.9; factor < found.factor * 1.1; factor *= 1.0025) {
      if (try_fleet(setting.base, {&offers[0].layout, 2, factor}, {}).passed()) highest = factor;
    }
    INFO(slo << ": " << found.factor << " against " << highest);
    CHECK(found.factor == Approx(highest).epsilon(0.01));
    CHECK(found.requests_per_s == Approx(found.factor * setting.traffic.requests_per_s.value()));
  }
}

TEST_CASE("a survey tells what the run sees, and the bound of replicas is the run's load") {
  const Setting setting(test::chat("200 /s"));
  const auto offers = setting.offers({"h100_sxm"}, {1});
  const Trial trial = try_fleet(setting.base, {&offers[0].layout, 1, 1}, {});
  CHECK(setting.traffic.requests == trial.arrived);
  CHECK(setting.traffic.mean.input == 512);
  CHECK(setting.traffic.mean.output == 128);
  const double load = *setting.traffic.requests_per_s / offers[0].found.capacity->requests_per_s;
  CHECK(load == Approx(trial.load.value()).epsilon(1e-12));
  REQUIRE(load > 1);
  CHECK(offers[0].found.least_replicas(setting.traffic, 1) == static_cast<std::int64_t>(load) + 1);
  CHECK(offers[0].found.least_replicas(setting.traffic, 0.5 / load) == 1);
}

TEST_CASE("no run is quicker than the bounds of its layout") {
  std::vector<std::string> edits = test::chat("1 /s");
  edits.push_back("/slo/tpot/p50=1 s");
  edits.push_back("/slo/ttft/p50=1 s");
  const Setting setting(edits);
  for (const Offer& offer : setting.offers({"h100_sxm", "rubin", "cerebras_wse3"}, {1, 4})) {
    if (!offer.found.fits()) continue;
    INFO(offer.layout.name());
    const Trial trial = try_fleet(setting.base, {&offer.layout, 1, 1}, {});
    for (const Verdict& verdict : trial.verdicts) {
      const double least =
          verdict.bound.metric == LatencyMetric::tpot ? offer.found.least_tpot_s : offer.found.least_prompt_s;
      CHECK(verdict.observed_s >= least * (1 - 1e-9));
      CHECK(verdict.observed_s < 3 * least);
    }
  }
}

TEST_CASE("rates scale where they are written, in traces and in every generator") {
  const auto edits = [](const std::string& text, double factor) {
    return rate_edits(Document::parse(text, "x").tree().root, factor);
  };
  CHECK(edits(R"({"workload": {"source": "trace"}})", 2) == std::vector<std::string>{"/workload/rate_scale=2"});
  CHECK(edits(R"({"workload": {"source": "trace", "rate_scale": 3}})", 2) ==
        std::vector<std::string>{"/workload/rate_scale=6"});
  CHECK(edits(R"({"workload": {"source": "trace", "time_scale": 3}})", 2) ==
        std::vector<std::string>{"/workload/time_scale=1.5"});
  CHECK(edits(R"({"workloads": [{"source": "synthetic", "arrivals": {"rate": "60 /min", "over": "2 s",
               "rates": ["1 /s", "2 /s"]}}]})",
              2) == std::vector<std::string>{"/workloads/0/arrivals/rate=\"2 /s\"",
                                             "/workloads/0/arrivals/rates/0=\"2 /s\"",
                                             "/workloads/0/arrivals/rates/1=\"4 /s\""});
  CHECK(edits(R"({"workload": {"source": "trace"}})", 1).empty());
  CHECK_THROWS_WITH(edits(R"({"workload": {"source": "synthetic"}})", 2),
                    "/workload: its arrivals have no rate that could be changed");
}

TEST_CASE("closed loops have no rate to plan by, and say so") {
  const Setting setting(
      {R"(/workload/arrivals={"process": "closed_loop", "concurrency": 4})", "/workload/requests=20"});
  CHECK(setting.traffic.closed_loop);
  const auto offers = setting.offers({"h100_sxm"}, {1});
  CHECK_THROWS_WITH(goodput(setting.base, offers[0].layout, 1, offers[0].found, setting.traffic, {}),
                    "goodput needs a rate of arrivals, and this workload waits for its answers");
  // A plan for its SLOs alone can still be made.
  CHECK(setting.plan(offers, {}).best.has_value());
}
