// Costs of a request: they add up, they grow with the length, and a simulated server agrees.
#include "tools/price/point.hpp"

#include "sim/base/error.hpp"
#include "tests/catch.hpp"
#include "tests/price/machines.hpp"
#include "tools/results/simulated.hpp"

using namespace memwall;
using namespace memwall::test;
using namespace memwall::tools::price;

namespace {

const std::vector<std::string> machines = {"quickstart",      "compare/h100",   "compare/rubin_lpx",
                                           "compare/wse3",    "compare/lpu_v1", "compare/sohu",
                                           "compare/corsair", "compare/matx",   "seed/deepseek_h200"};
const std::vector<std::int64_t> lengths = {100, 500, 1000, 2000, 4000, 8000, 12000, 16000};

bool near(double a, double b, double within) { return std::abs(a - b) <= within * std::abs(b); }

double number(const tools::SummaryView& view, std::string_view pointer) { return std::get<double>(view.at(pointer)); }

}  // namespace

TEST_CASE("the parts of a request's cost add up to the time of the machine that it takes") {
  std::size_t priced = 0;
  for (const std::string& scenario : machines) {
    const Engine engine = engine_of(scenario);
    for (const double cached : {0.0, 0.6}) {
      Demand demand;
      demand.cached = cached;
      demand.hold_s = 0.5;
      for (const std::int64_t length : lengths) {
        const Point at = price_point(engine, demand, length);
        INFO(scenario << " " << length << " " << at.refusal);
        if (!at.refusal.empty()) continue;
        ++priced;
        const double busy = engine.money.capital / at.requests_per_s;
        if (engine.money.usd_per_joule == 0) {
          CHECK(near(at.at_rate.total(), busy, 1e-12));
          CHECK(near(at.at_load.total(), busy / demand.load, 1e-12));
        } else {
          CHECK(at.at_rate.total() > busy);
        }
        // A prompt adds nothing where it fits into free slots of a pipeline.
        CHECK((at.at_rate.prefill > 0 || engine.pool.device->spatial() != nullptr));
        CHECK(at.at_rate.prefill >= 0);
        CHECK(at.at_rate.decode > 0);
        CHECK(at.at_rate.idle == 0);
        CHECK((at.at_rate.storage > 0) == (cached > 0));
        CHECK(at.resting_share < 1);
      }
    }
  }
  CHECK(priced > 80);
}

TEST_CASE("a longer prompt never makes a request cheaper, nor the batch larger") {
  for (const std::string& scenario : machines) {
    const Engine engine = engine_of(scenario);
    Demand demand;
    demand.tpot_s = 0.1;
    Point before;
    for (const std::int64_t length : lengths) {
      const Point at = price_point(engine, demand, length);
      INFO(scenario << " " << length << " " << at.refusal);
      if (!at.refusal.empty()) break;
      if (before.context > 0) {
        CHECK(at.batch <= before.batch * (1 + 1e-9));
        CHECK(at.at_rate.total() >= before.at_rate.total());
      }
      CHECK(at.tpot_s <= 0.1);
      before = at;
    }
  }
}

TEST_CASE("the batch is the largest: one more sequence breaks what is said to hold it") {
  const Engine engine = engine_of("quickstart");
  Demand demand;
  for (const std::int64_t length : {300, 2000, 20000}) {
    for (const std::optional<double> tpot : {std::optional(0.05), std::optional<double>()}) {
      demand.tpot_s = tpot;
      const Point at = price_point(engine, demand, length);
      INFO(length << " " << name(at.held));
      if (at.held != Held::cache && at.held != Held::objective) continue;
      Demand more = demand;
      more.batch = at.batch + 1;
      CHECK(price_point(engine, more, length).refusal == "a batch of " +
                                                             std::to_string(static_cast<int>(at.batch + 1.5)) +
                                                             " is more than " + std::string(name(at.held)) + " allows");
      more.batch = at.batch;
      CHECK(price_point(engine, more, length).at_rate.total() == at.at_rate.total());
    }
  }
}

TEST_CASE("a token that is found in the cache and not kept waiting costs no more than one that is computed") {
  for (const std::string& scenario : machines) {
    const Engine engine = engine_of(scenario);
    Demand computed;
    computed.batch = 1;
    Demand found = computed;
    found.hold_s = 0;
    for (const std::int64_t length : {1000, 4000, 12000}) {
      double before = price_point(engine, computed, length).at_rate.total();
      for (const double cached : {0.25, 0.5, 0.75, 0.95}) {
        found.cached = cached;
        const Point at = price_point(engine, found, length);
        INFO(scenario << " " << length << " " << cached << " " << at.refusal);
        if (!at.refusal.empty()) continue;
        // The trip of a prompt through a pipeline follows the mean context of its tokens, and that of its last ones is
        // longer: some parts in a million.
        CHECK(at.at_rate.total() <= before * (engine.pool.device->spatial() != nullptr ? 1 + 1e-5 : 1));
        before = at.at_rate.total();
      }
    }
  }
}

TEST_CASE("a closed loop of that batch serves what the price says, within 12 %") {
  struct Case {
    const char* batch;
    const char* input;
    const char* output;
  };
  const Engine engine = engine_of("quickstart");
  for (const Case& each :
       {Case{"1", "1000", "100"}, {"16", "500", "200"}, {"64", "2000", "150"}, {"8", "12000", "100"}}) {
    RunOptions options;
    const std::string requests = std::to_string(12 * std::stoi(each.batch));
    options.set = {std::string(R"(/workload={"source": "synthetic", "requests": )") + requests +
                   R"(, "arrivals": {"process": "closed_loop", "concurrency": )" + each.batch +
                   R"(}, "lengths": {"input": )" + each.input + R"(, "output": )" + each.output + "}}"};
    const auto run = tools::simulated(scenario_path("quickstart"), catalogue(), options);
    Demand demand;
    demand.batch = std::stod(each.batch);
    demand.output = std::stod(each.output);
    const Point at = price_point(engine, demand, std::stoll(each.input));
    INFO(each.batch << " " << each.input << " " << at.refusal);
    REQUIRE(at.refusal.empty());
    const double simulated_rate = number(run, "/throughput/requests_per_s");
    INFO(at.requests_per_s << " against " << simulated_rate);
    CHECK(near(at.requests_per_s, simulated_rate, 0.12));
    const double usd = number(run, "/cost/usd_per_hour") / 3600 / simulated_rate;
    CHECK(near(at.at_rate.total(), usd, 0.12));
  }
}

TEST_CASE("what cannot be served says why") {
  const Engine engine = engine_of("quickstart");
  Demand demand;
  demand.output = 264;  // 1,000,264 / 16 and half a block are 62,517
  CHECK(price_point(engine, demand, 1'000'000).refusal == "one sequence of 1000264 tokens takes 62517 of " +
                                                              std::to_string(static_cast<int>(engine.usable_blocks())) +
                                                              " cache blocks");
  demand.tpot_s = 1e-3;
  CHECK(price_point(engine, demand, 1000).refusal.find("above the objective of 1 ms") != std::string::npos);
  demand = {};
  demand.cached = 0.9;
  demand.hold_s = 1e6;
  CHECK(price_point(engine, demand, 1000).refusal ==
        "prompts that rest for 1e+06 s fill the cache before one sequence can run");
}
