// Isocost and isopower against the goodput of every layout, and windows against brute force.
#include "tools/plan/within.hpp"

#include "tests/catch.hpp"
#include "tests/plan/small.hpp"
#include "tools/plan/windows.hpp"

using namespace memwall;
using namespace memwall::tools::plan;
using test::Setting;

TEST_CASE("the most goodput within a budget is the most of all layouts") {
  const Setting setting(test::chat("10 /s"));
  const auto offers = setting.offers({"h100_sxm", "a100_sxm_80", "rubin", "upmem_pim"}, {1, 2});
  for (const bool money : {true, false}) {
    Budget budget;
    if (money) budget.usd_per_hour = 7;
    if (!money) budget.watts = 2000;
    const Within found = most_within(setting.base, offers, setting.traffic, budget, {}, test::one_by_one());
    REQUIRE(found.best == 0);
    double most = 0;
    std::size_t held = 0;
    for (const Offer& offer : offers) {
      if (!offer.found.fits()) continue;
      const double each = money ? offer.found.usd_at_most : offer.found.watts.value();
      const auto replicas = static_cast<std::int64_t>((money ? 7 : 2000) / each);
      if (replicas == 0) continue;
      ++held;
      most = std::max(most,
                      goodput(setting.base, offer.layout, replicas, offer.found, setting.traffic, {}).requests_per_s);
    }
    REQUIRE(held > 2);
    CHECK(found.entries[0].found->requests_per_s == most);
    CHECK(found.entries[0].rejection.reason == Reason::none);
    // What was not run could not have reached it.
    for (const Entry& entry : found.entries) {
      if (entry.replicas > 0 && !entry.found) CHECK(entry.requests_at_most <= most);
      if (&entry != &found.entries[0]) CHECK(entry.rejection.reason != Reason::none);
      CHECK(entry.usd_at_most <= (money ? 7 : 1e9));
    }
  }
}

TEST_CASE("a budget that holds no replica says what one takes") {
  const Setting setting(test::chat("10 /s"));
  const auto offers = setting.offers({"h100_sxm"}, {1});
  const auto within = [&](const Budget& budget) {
    return most_within(setting.base, offers, setting.traffic, budget, {}, test::one_by_one());
  };
  Budget budget;
  budget.usd_per_hour = 2;
  CHECK_FALSE(within(budget).best.has_value());
  CHECK(within(budget).entries[0].rejection.text == "one replica costs up to 2.95 USD/h");
  budget.watts = 500;
  budget.usd_per_hour = 10;
  CHECK(within(budget).entries[0].rejection.text == "one replica may draw 0.7 kW");
}

namespace {

/// A rate that doubles three times and falls back.
const std::vector<std::string> waves = {
    R"(/workload={"source": "synthetic", "arrivals": {"process": "sweep", "stages": [
       {"rate": "4 /s", "duration": "10 s"}, {"rate": "60 /s", "duration": "10 s"}, {"rate": "0.001 /s", "duration": "10 s"},
       {"rate": "25 /s", "duration": "10 s"}]}, "lengths": {"input": 2000, "output": 60}})",
    "/slo/ttft/p99=400 ms", "/slo/tpot/p95=25 ms"};

}  // namespace

TEST_CASE("windows cut the workload without a rest, and each has the fewest replicas") {
  std::vector<std::string> edits = waves;
  for (std::string& edit : edits) std::erase(edit, '\n');
  const Setting setting(edits);
  const auto offers = setting.offers({"h100_sxm"}, {1});
  const Schedule found = schedule(setting.base, offers[0].layout, 16, 1, {40, 10}, {}, test::one_by_one());
  REQUIRE(found.windows.size() == 4);
  REQUIRE(found.holds());
  std::int64_t requests = 0;
  std::int64_t most = 0;
  double oracle = 0;
  for (const Window& window : found.windows) {
    requests += window.requests;
    most = std::max(most, window.replicas);
    oracle += window.run ? window.run->usd_per_hour() * window.hours() : 0;
    if (window.run) CHECK(window.run->passed());
    if (window.peak) CHECK(window.peak->passed());
  }
  CHECK(requests == setting.traffic.requests);
  CHECK(found.windows[2].requests == 0);
  CHECK(found.windows[2].replicas == 0);
  CHECK(found.windows[1].replicas > found.windows[3].replicas);
  CHECK(found.peak_replicas == most);
  CHECK(found.oracle_usd == Approx(oracle));
  // 2.95 USD/h is the rent in the device's file, without power on top.
  CHECK(found.static_usd == Approx(2.95 * static_cast<double>(most) * 40 / 3600));
  CHECK(found.oracle_usd < found.static_usd);
  CHECK(found.peak_to_mean ==
        Approx(static_cast<double>(found.windows[1].requests) / 10 / (static_cast<double>(requests) / 40)));

  // One replica fewer misses in every window that has more than one: a schedule that may have no more says so.
  const Schedule short_of = schedule(setting.base, offers[0].layout, most - 1, 1, {40, 10}, {}, test::one_by_one());
  CHECK_FALSE(short_of.holds());
  CHECK(short_of.windows[1].rejection.reason != Reason::none);
  CHECK(short_of.windows[3].replicas == found.windows[3].replicas);
}

TEST_CASE("one window over everything is the whole workload") {
  const Setting setting(test::chat("60 /s"));
  const auto offers = setting.offers({"h100_sxm"}, {1});
  const Schedule found = schedule(setting.base, offers[0].layout, 8, 1, {60, 60}, {}, test::one_by_one());
  REQUIRE(found.windows.size() == 1);
  const Trial whole = try_fleet(setting.base, {&offers[0].layout, found.windows[0].replicas, 1}, {});
  CHECK(found.windows[0].run->verdicts.front().observed_s == whole.verdicts.front().observed_s);
  CHECK(found.windows[0].run->load.value() == Approx(whole.load.value()).epsilon(1e-9));
  CHECK(found.oracle_usd == found.static_usd);
  CHECK_THROWS_WITH(schedule(setting.base, offers[0].layout, 8, 1, {1e6, 1}, {}, test::one_by_one()),
                    "1000000 windows are more than 10000; make them longer");
}
