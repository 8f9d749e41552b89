// Rent, purchase and power: what a pool's devices and its tokens cost.
#include <fmt/format.h>

#include "sim/scenario/cost_report.hpp"
#include "sim/scenario/energy.hpp"
#include "tests/catch.hpp"
#include "tests/laws/runs.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

std::string priced(const std::string& device, const std::string& cost) {
  return fmt::format(R"({{ "schema": 1, "model": {{ "config": "meta-llama/Llama-3.1-8B" }},
    "pools": [ {{ "device": "{}", "replicas": 2, {} }} ],
    "workload": {{ "source": "synthetic", "requests": 50, "arrivals": {{ "process": "poisson", "rate": "5 /s" }},
                  "lengths": {{ "input": 300, "output": 100 }} }} }})",
                     device, cost.empty() ? R"("name": "p")" : R"("name": "p", "cost": {)" + cost + "}");
}

Outcome ran(const std::string& text) {
  const LoadedScenario loaded = scenario_of(text);
  return run(loaded.scenario, tools::program_catalogue(), loaded.build, {});
}

std::string refusal(const std::string& text) {
  try {
    (void)ran(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("rent is paid by the hour and spread over the tokens of a run") {
  const Outcome outcome = ran(priced("h100_sxm", R"("price": "3 USD/h")"));
  const CostReport cost = cost_of(outcome);
  REQUIRE(cost.known);
  CHECK(cost.usd_per_hour() == Approx(6).epsilon(1e-12));
  CHECK(cost.energy_usd_per_hour == 0);
  const double spent = 6.0 / 3600 * outcome.results.duration.seconds();
  CHECK(cost.usd_per_mtok_total == Approx(spent / (50 * 400) * 1e6).epsilon(1e-9));
  CHECK(cost.usd_per_mtok_generated == Approx(spent / (50 * 100) * 1e6).epsilon(1e-9));
  CHECK(cost.usd_per_mtok_input * 300 + cost.usd_per_mtok_output * 100 == Approx(spent / 50 * 1e6).epsilon(1e-9));
  CHECK(cost_of(ran(priced("h100_sxm", ""))).usd_per_hour() == Approx(5.9));
}

TEST_CASE("an owner pays for the device over its years and for the power that it drew") {
  const Outcome outcome = ran(priced(
      "h100_sxm", R"("purchase": {"price": "35064 USD", "years": 4}, "electricity": "0.1 USD/kWh", "pue": 1.25)"));
  const CostReport cost = cost_of(outcome);
  REQUIRE(cost.known);
  // 4 years are 35,064 hours.
  CHECK(cost.capital_usd_per_hour == Approx(2).epsilon(1e-12));
  const double kilowatts = energy_of(outcome).all.joules() / outcome.results.duration.seconds() / 1000;
  CHECK(cost.energy_usd_per_hour == Approx(kilowatts * 1.25 * 0.1).epsilon(1e-6));
  CHECK(cost.energy_usd_per_hour < 2 * 0.7 * 1.25 * 0.1);
}

TEST_CASE("a scenario's prices stand in place of the file's, one by one") {
  const CostReport file = cost_of(ran(priced("rubin", "")));
  const CostReport dearer = cost_of(ran(priced("rubin", R"("electricity": "0.14 USD/kWh")")));
  const CostReport drier = cost_of(ran(priced("rubin", R"("pue": 2.4)")));
  const CostReport rented = cost_of(ran(priced("rubin", R"("price": "4 USD/h")")));
  CHECK(file.capital_usd_per_hour == Approx(2 * 108333 / (4 * 365.25 * 24)));
  CHECK(file.energy_usd_per_hour > 0);
  CHECK(dearer.energy_usd_per_hour == Approx(2 * file.energy_usd_per_hour).epsilon(1e-12));
  CHECK(drier.energy_usd_per_hour == Approx(2 * file.energy_usd_per_hour).epsilon(1e-12));
  CHECK(dearer.capital_usd_per_hour == file.capital_usd_per_hour);
  CHECK(rented.usd_per_hour() == Approx(8));
  CHECK(rented.energy_usd_per_hour == 0);
}

TEST_CASE("a device without a price makes the cost unknown and says why; one without energy pays for its board") {
  const CostReport unknown = cost_of(ran(priced("tpu_v7", "")));
  CHECK(!unknown.known);
  CHECK(unknown.unknown == "neither the scenario nor the file of tpu_v7 has a price of the device");
  const CostReport wafer = cost_of(ran(priced("cerebras_wse3", R"("electricity": "0.1 USD/kWh")")));
  REQUIRE(wafer.known);
  CHECK(wafer.energy_is_board_power);
  CHECK(wafer.energy_usd_per_hour == Approx(2 * 23 * 0.1));
}

TEST_CASE("prices that contradict each other or change nothing are refused") {
  CHECK(refusal(priced("tpu_v7", R"("electricity": "0.1 USD/kWh")")) ==
        "pool \"p\": its \"cost\" has a price of power, but neither it nor the file of tpu_v7 has one of the device; "
        "add \"price\" or \"purchase\"");
  CHECK(refusal(priced("h100_sxm", R"("pue": 1.2)")) ==
        "pool \"p\": \"pue\" multiplies a price of power; add \"electricity\" to \"cost\"");
  CHECK(refusal(priced("h100_sxm", R"("purchase": {"price": "30000 USD", "years": 4})")) ==
        "pool \"p\": who buys a device pays for its power; add \"electricity\" to \"cost\"");
  CHECK(refusal(priced("h100_sxm", R"("price": "3 USD/h", "purchase": {"price": "30000 USD", "years": 4})"))
            .find("stands beside a \"price\"; a device is either rented or bought") != std::string::npos);
}
