// Tariffs: what was billed by a tariff is found again, steps are the best of all, and costs of a machine are covered.
#include "tools/price/tariff.hpp"

#include "sim/base/random.hpp"
#include "tests/catch.hpp"
#include "tests/price/machines.hpp"
#include "tests/shared.hpp"
#include "tools/price/tariffs.hpp"

using namespace memwall;
using namespace memwall::test;
using namespace memwall::tools::price;

namespace {

double draw(std::uint64_t index) {
  return random_uniform({.seed = 7, .stream = 0, .request = index, .purpose = Purpose::routing});
}

/// Requests of many lengths, cached or not, with answers of several lengths, billed by a tariff.
std::vector<Bill> billed_by(const Tariff& tariff) {
  std::vector<Bill> out;
  for (std::uint64_t i = 0; i < 60; ++i) {
    Bill bill;
    bill.weight = 1 + draw(4 * i);
    bill.context = 1000 * static_cast<double>(1 + i);
    bill.cached = i % 2 == 0 ? 0 : bill.context * draw(4 * i + 1);
    bill.uncached = bill.context - bill.cached;
    bill.output = 100 + 1000 * draw(4 * i + 2);
    bill.cost = tariff.bill(bill);
    out.push_back(bill);
  }
  return out;
}

Tariff made_up(Semantics semantics) {
  Tariff out;
  out.semantics = semantics;
  out.steps = {20500, 45500};
  out.prices = {{2e-6, 0.2e-6, 10e-6}, {4e-6, 0.4e-6, 15e-6}, {9e-6, 1e-6, 20e-6}};
  return out;
}

std::vector<double> every(double from, double to, double by) {
  std::vector<double> out;
  for (double at = from; at <= to; at += by) out.push_back(at);
  return out;
}

}  // namespace

TEST_CASE("a request is billed by hand: whole above its step, marginal by its parts") {
  Tariff tariff = made_up(Semantics::whole);
  const Bill bill{1, 30000, 20000, 10000, 1000, 0};
  CHECK(std::abs(tariff.bill(bill) - (20000 * 4e-6 + 10000 * 0.4e-6 + 1000 * 15e-6)) < 1e-15);
  tariff.semantics = Semantics::marginal;
  // Positions 0 to 10,000 are cached; to 20,500 and to 30,000 they are computed; the answer lies behind.
  CHECK(std::abs(tariff.bill(bill) - (10000 * 0.2e-6 + 10500 * 2e-6 + 9500 * 4e-6 + 1000 * 15e-6)) < 1e-15);
}

TEST_CASE("a tariff that made the bills is found again, steps and prices") {
  for (const Semantics semantics : {Semantics::whole, Semantics::marginal}) {
    const Tariff made = made_up(semantics);
    const std::vector<Bill> bills = billed_by(made);
    const Tariff found = best_tariff(bills, semantics, 2, every(5500, 60000, 5000));
    INFO(name(semantics));
    REQUIRE(found.steps == made.steps);
    CHECK(found.regret < 1e-6);
    for (std::size_t b = 0; b < 3; ++b) {
      CHECK(std::abs(found.prices[b].input / made.prices[b].input - 1) < 1e-5);
      CHECK(std::abs(found.prices[b].cached / made.prices[b].cached - 1) < 1e-4);
      CHECK(std::abs(found.prices[b].output / made.prices[b].output - 1) < 1e-4);
    }
  }
}

TEST_CASE("the steps for whole requests are the best of all choices") {
  const std::vector<Bill> bills = billed_by(made_up(Semantics::marginal));
  const std::vector<double> candidates = every(3500, 60000, 4000);
  for (const std::size_t count : {1U, 2U, 3U}) {
    const Tariff found = best_tariff(bills, Semantics::whole, count, candidates);
    double least = 1;
    for (unsigned set = 0; set < 1U << candidates.size(); ++set) {
      std::vector<double> steps;
      for (std::size_t i = 0; i < candidates.size(); ++i) {
        if ((set >> i & 1U) != 0) steps.push_back(candidates[i]);
      }
      if (steps.size() == count) least = std::min(least, tariff_at(bills, Semantics::whole, steps).regret);
    }
    CHECK(std::abs(found.regret - least) < 1e-9);
    CHECK(found.regret == regret(found, bills));
  }
}

TEST_CASE("costs of a machine: more steps miss less, prices cover them, the margin is on all of them") {
  Engine engine = engine_of("compare/h100");
  Demand demand;
  demand.cached = 0.5;
  demand.tpot_s = 0.05;
  demand.output = 200;
  const std::vector<Lengths> traffic = lengths_of(engine.workloads, 20000);
  CHECK(traffic.size() == 300);
  const Tariffs plain = tariffs_of(engine, demand, traffic, 0);
  REQUIRE(plain.all.size() == 7);
  for (const std::size_t i : {1U, 2U, 3U, 4U, 5U, 6U})
    CHECK(plain.all[i].regret <= plain.all[i == 4 ? 0 : i - 1].regret);
  const Tariffs dearer = tariffs_of(engine, demand, traffic, 0.5);
  CHECK(std::abs(dearer.all[0].prices[0].input / plain.all[0].prices[0].input - 1.5) < 1e-9);
  double refused = 0;
  double cost = 0;
  double billed = 0;
  double requests = 0;
  for (const Bill& bill : bills_of(engine, demand, traffic, 0, refused)) {
    cost += bill.weight * bill.cost;
    billed += bill.weight * plain.all[0].bill(bill);
    requests += bill.weight;
    CHECK(bill.cost > 0);
  }
  CHECK(std::abs(requests + refused - 300) < 1e-9);
  CHECK(std::abs(billed / cost - 1) < 0.02);
}

TEST_CASE("a real conversation: long tails ask for steps, and marginal ones miss less than whole ones") {
  const auto folder = shared("prices of a real traffic");
  if (!folder) return;
  const std::string trace = (*folder / "traces/mooncake_fast25/conversation_trace.part1.jsonl").string();
  Engine engine = engine_of("mooncake_conversation", {"/workload/path=" + trace});
  Demand demand;
  demand.cached = 0.37;
  demand.tpot_s = 0.05;
  demand.output = 350;
  const std::vector<Lengths> traffic = lengths_of(engine.workloads, 20000);
  REQUIRE(traffic.size() > 5000);
  const Tariffs found = tariffs_of(engine, demand, traffic, 0);
  REQUIRE(found.all.size() == 7);
  CHECK(found.refused < 0.01 * found.requests);
  for (const std::size_t steps : {1U, 2U, 3U}) {
    CHECK(found.all[steps].regret < found.all[steps - 1].regret);
    CHECK(found.all[3 + steps].regret < found.all[steps].regret);
  }
}

TEST_CASE("a step is explained by what costs rise over the prices below it") {
  // Costs follow a list with a step at 200,000 exactly: all of that list's step is explained, by definition.
  const PublicPrice* list = nullptr;
  for (const PublicPrice& each : public_prices()) {
    if (each.model == "claude-sonnet-4-5") list = &each;
  }
  REQUIRE(list != nullptr);
  Tariff tariff;
  tariff.steps = {list->step};
  tariff.prices = {{list->input, list->cached, list->output},
                   {list->input_above, list->cached_above, list->output_above}};
  std::vector<Bill> bills = billed_by(tariff);
  for (Bill& bill : bills) {
    bill.context *= 10;
    bill.cached *= 10;
    bill.uncached *= 10;
    bill.cost = tariff.bill(bill);
  }
  const auto share_of = [&](const std::vector<Bill>& of) {
    for (const Explained& each : explained_steps(of)) {
      if (each.list.model == "claude-sonnet-4-5") return each.share();
    }
    return std::optional<double>();
  };
  CHECK(std::abs(*share_of(bills) - 1) < 1e-4);
  for (Bill& bill : bills)
    bill.cost = bill.uncached * list->input + bill.cached * list->cached + bill.output * list->output;
  CHECK(std::abs(*share_of(bills)) < 1e-4);
  for (Bill& bill : bills) bill.context /= 10;
  CHECK_FALSE(share_of(bills).has_value());
}

TEST_CASE("public lists rise above their step and bill cached tokens less than computed ones") {
  REQUIRE(public_prices().size() >= 8);
  for (const PublicPrice& each : public_prices()) {
    INFO(each.model);
    CHECK(each.input_above > each.input);
    CHECK(each.output_above > each.output);
    CHECK(each.cached < each.input);
    CHECK_FALSE(each.source.empty());
  }
}
