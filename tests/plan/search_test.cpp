// The plan that bounds and bisection find is the cheapest of all that are simulated one by one.
#include <algorithm>
#include <cmath>
#include <map>

#include "tests/catch.hpp"
#include "tests/plan/small.hpp"
#include "tools/plan/advice.hpp"

using namespace memwall;
using namespace memwall::tools::plan;
using test::Setting;

namespace {

struct Case {
  std::string rate, ttft, tpot;
  std::int64_t spares = 0;
};

std::vector<std::string> edits_of(const Case& each) {
  std::vector<std::string> edits = test::chat(each.rate);
  edits.push_back("/slo/ttft/p99=" + each.ttft);
  edits.push_back("/slo/tpot/p95=" + each.tpot);
  return edits;
}

/// The cheapest of the candidates that passed a run, by the rule for ties.
const Candidate* cheapest(const FleetPlan& plan) {
  const Candidate* best = nullptr;
  for (const Candidate& each : plan.candidates) {
    if (!each.trial || !each.trial->passed()) continue;
    const auto cost = [](const Candidate& c) { return std::tuple(c.usd_per_hour, c.devices, c.offer); };
    if (best == nullptr || cost(each) < cost(*best)) best = &each;
  }
  return best;
}

const Candidate& best_of(const FleetPlan& plan) { return plan.candidates.at(plan.best.value()); }

SearchOptions small() {
  SearchOptions wanted;
  wanted.max_devices = 8;
  return wanted;
}

}  // namespace

TEST_CASE("the plan found is the cheapest of all candidates enumerated") {
  const std::vector<Case> cases = {{"20 /s", "2 s", "50 ms"},  {"60 /s", "100 ms", "20 ms"},
                                   {"200 /s", "2 s", "50 ms"}, {"150 /s", "80 ms", "12 ms"},
                                   {"60 /s", "2 s", "6 ms"},   {"60 /s", "2 s", "50 ms", 1}};
  for (const Case& each : cases) {
    INFO(each.rate << ", ttft " << each.ttft << ", tpot " << each.tpot << ", spares " << each.spares);
    const Setting setting(edits_of(each));
    const auto offers = setting.offers({"h100_sxm", "a100_sxm_80", "rubin", "mi300x"}, {1, 2});
    SearchOptions wanted = small();
    wanted.spares = each.spares;
    const FleetPlan found = setting.plan(offers, wanted);
    wanted.exhaustive = true;
    const FleetPlan all = setting.plan(offers, wanted);
    // Every number of replicas of every offer was run, but for nothing.
    CHECK(all.runs == all.candidates.size());
    CHECK(found.runs < all.runs / 2);
    const Candidate* brute = cheapest(all);
    REQUIRE((brute != nullptr) == found.best.has_value());
    if (brute == nullptr) continue;
    CHECK(best_of(found).offer == brute->offer);
    CHECK(best_of(found).replicas == brute->replicas);
    CHECK(best_of(found).usd_per_hour == brute->usd_per_hour);
    CHECK(&best_of(all) == brute);
  }
}

TEST_CASE("the same holds where prompts are found in a cache, which makes bounds looser") {
  const Catalogue known = test::catalogue();
  const Base base =
      open_base(test::scenario_folder() + "/mooncake_conversation.json", {"/slo/ttft/p99=4 s"}, known, {});
  const Traffic traffic = survey(base.loaded);
  REQUIRE(traffic.shares_tokens);
  Choices choices;
  choices.devices = {"b200_sxm", "rubin"};
  choices.tensor = {2, 8};
  choices.engines = {{}, {{}, 4096}};
  choices.directories = base.loaded.build.directories;
  const auto offers = offers_of(base, layouts(choices, known), traffic, test::one_by_one());
  SearchOptions wanted;
  wanted.max_devices = 24;
  const FleetPlan found = search(base, offers, traffic, wanted, test::one_by_one());
  wanted.exhaustive = true;
  const FleetPlan all = search(base, offers, traffic, wanted, test::one_by_one());
  REQUIRE(found.best.has_value());
  CHECK(all.best == found.best);
  CHECK(best_of(found).usd_per_hour == cheapest(all)->usd_per_hour);
  CHECK(found.runs < all.runs);
}

TEST_CASE("what misses by its load is told how many more replicas it takes") {
  const Setting setting(edits_of({"400 /s", "2 s", "50 ms"}));
  SearchOptions wanted = small();
  wanted.max_devices = 2;
  wanted.exhaustive = true;
  const FleetPlan none = setting.plan(setting.offers({"h100_sxm"}, {1}), wanted);
  REQUIRE(none.candidates.size() == 2);
  const Rejection& rejection = none.candidates[1].rejection;
  REQUIRE(rejection.reason == Reason::throughput);
  const auto more = static_cast<std::int64_t>(std::ceil(2 * none.candidates[1].trial->load.value())) - 2;
  CHECK(rejection.change == "about " + std::to_string(more) + " more replicas");
  // So many are the fewest that the bound lets through.
  CHECK(none.offers[0].found.least_replicas(setting.traffic, 1) == 2 + more);
}

TEST_CASE("every candidate that a bound turns away misses when it is run") {
  const Setting setting(edits_of({"150 /s", "80 ms", "12 ms"}));
  const auto offers = setting.offers({"h100_sxm", "a100_sxm_80"}, {1, 2});
  SearchOptions wanted = small();
  const FleetPlan found = setting.plan(offers, wanted);
  wanted.exhaustive = true;
  const FleetPlan all = setting.plan(offers, wanted);
  std::size_t turned_away = 0;
  for (const Candidate& each : found.candidates) {
    if (each.trial || each.rejection.reason == Reason::none || each.rejection.reason == Reason::dearer) continue;
    const auto same = std::find_if(all.candidates.begin(), all.candidates.end(), [&](const Candidate& other) {
      return other.offer == each.offer && other.replicas == each.replicas;
    });
    REQUIRE(same != all.candidates.end());
    INFO(each.rejection.text);
    CHECK_FALSE(same->trial.value().passed());
    ++turned_away;
  }
  CHECK(turned_away > 0);
}

TEST_CASE("a layout slower than an SLO at any load is never run, and every run of it misses") {
  const Setting setting(edits_of({"20 /s", "2 s", "5 ms"}));
  const auto offers = setting.offers({"h100_sxm", "rubin"}, {1, 2});
  SearchOptions wanted = small();
  const FleetPlan found = setting.plan(offers, wanted);
  std::size_t slow = 0;
  for (const Offer& offer : found.offers) slow += offer.found.rejection.reason == Reason::tpot ? 1 : 0;
  CHECK(slow >= 1);
  CHECK(slow < offers.size());
  // The change that is named is another number of devices of the same kind that can be quick enough.
  CHECK(found.offers.front().found.rejection.change == "2 devices a replica instead of 1");
  wanted.exhaustive = true;
  const FleetPlan all = setting.plan(offers, wanted);
  for (const Candidate& each : all.candidates) {
    if (found.offers[each.offer].found.rejection.reason == Reason::tpot) CHECK_FALSE(each.trial.value().passed());
  }
}

TEST_CASE("a spare is a replica that is paid for and does not serve") {
  const Case each = {"150 /s", "100 ms", "20 ms"};
  const Setting setting(edits_of(each));
  const auto offers = setting.offers({"h100_sxm"}, {1});
  SearchOptions wanted = small();
  const Candidate without = best_of(setting.plan(offers, wanted));
  wanted.spares = 1;
  const Candidate with = best_of(setting.plan(offers, wanted));
  CHECK(with.replicas == without.replicas + 1);
  CHECK(with.trial.value().verdicts.front().observed_s == without.trial.value().verdicts.front().observed_s);
}

TEST_CASE("what cannot be built keeps its reason, and by how much memory is short") {
  Setting setting({"/model/config=meta-llama/Llama-3.1-70B", "/workload/requests=20"});
  const auto offers = setting.offers({"h100_sxm", "tpu_v7", "h100_sxm", "tpu_8t"}, {1, 16, 4});
  const auto reason = [&](std::size_t i) { return offers[i].found.rejection.reason; };
  // 70.6e9 weights of two bytes and the rest of the sum against 92 % of 80 GB: plan_memory's own sum.
  CHECK(reason(0) == Reason::memory);
  CHECK(offers[0].found.rejection.text.rfind("1", 0) == 0);
  CHECK(offers[0].found.rejection.text.find("GB too little memory: ") != std::string::npos);
  CHECK(reason(1) == Reason::link);
  CHECK(offers[1].found.rejection.text == "the largest links of h100_sxm, hgx_h100, join 8 devices");
  CHECK(offers[2].found.fits());
  CHECK(reason(5) == Reason::price);
  CHECK(reason(11) == Reason::link);
  CHECK(offers[11].found.rejection.text == "the catalogue has no interconnect that says it joins tpu_8t");
  const FleetPlan plan = setting.plan(offers, small());
  CHECK(plan.offers[0].found.rejection.change == "4 devices a replica instead of 1");
}

TEST_CASE("prices from outside decide, limits of money and power bind") {
  const Setting cheap(test::chat("20 /s"), {"tpu_v7=0.5 USD/h"});
  const auto offers = cheap.offers({"h100_sxm", "tpu_v7"}, {1});
  CHECK(cheap.plan(offers, small()).offers[best_of(cheap.plan(offers, small())).offer].layout.device == "tpu_v7");

  const Setting setting(test::chat("20 /s"));
  SearchOptions wanted = small();
  wanted.most_usd_per_hour = 6;
  wanted.exhaustive = true;
  const auto one = setting.offers({"h100_sxm"}, {1});
  const FleetPlan bounded = setting.plan(one, wanted);
  CHECK(bounded.runs == 2);
  CHECK(bounded.candidates[2].rejection.reason == Reason::budget);
  CHECK(bounded.candidates[2].rejection.text == "8.85 USD/h, there are 6.00");
  wanted.most_usd_per_hour.reset();
  wanted.most_watts = 1500;
  const FleetPlan powered = setting.plan(one, wanted);
  CHECK(powered.candidates[2].rejection.reason == Reason::power);
  CHECK(powered.candidates[2].rejection.text == "may draw 2.1 kW, there are 1.5");
}

TEST_CASE("where nothing passes the nearest miss is told, and where nothing could, the speed of light") {
  const Setting setting(edits_of({"20 /s", "2 s", "6.4 ms"}));
  const auto offers = setting.offers({"a100_sxm_80", "h100_sxm"}, {1});
  const FleetPlan none = setting.plan(offers, small());
  CHECK_FALSE(none.best.has_value());
  CHECK(none.offers[0].found.rejection.reason == Reason::tpot);
  CHECK_FALSE(speed_of_light(none).has_value());
  const auto nearest = nearest_miss(none);
  REQUIRE(nearest.has_value());
  CHECK(none.candidates[*nearest].rejection.reason == Reason::tpot);

  const Setting impossible(edits_of({"20 /s", "2 s", "1 ms"}));
  const FleetPlan never = impossible.plan(offers, small());
  const auto limit = speed_of_light(never);
  REQUIRE(limit.has_value());
  CHECK(never.runs == 0);
  CHECK(never.offers[limit->offer].layout.device == "h100_sxm");
}

TEST_CASE("numbers that a scenario states of its own device stay with it") {
  const auto rents = [](std::vector<std::string> edits) {
    const Setting setting(std::move(edits));
    SearchOptions wanted = small();
    wanted.exhaustive = true;
    std::map<std::string, double> out;
    const FleetPlan plan = setting.plan(setting.offers({"h100_sxm", "b200_sxm"}, {1}), wanted);
    for (const Candidate& each : plan.candidates) {
      if (each.replicas == 1) out[plan.offers.at(each.offer).layout.device] = each.usd_per_hour;
    }
    return out;
  };
  const auto as_built = rents(test::chat("20 /s"));
  std::vector<std::string> edits = test::chat("20 /s");
  edits.emplace_back(R"(/pools/0/device_values={"/price": {"value": "1 USD/h"}})");
  const auto stated = rents(edits);
  REQUIRE(as_built.size() == 2);
  CHECK(stated.at("h100_sxm") == Approx(1));
  CHECK(stated.at("b200_sxm") == as_built.at("b200_sxm"));
}
