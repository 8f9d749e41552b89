#include "tools/price/curve.hpp"

#include <algorithm>
#include <cmath>

#include "sim/base/error.hpp"
#include "tools/price/contexts.hpp"
#include "tools/price/traffic.hpp"

namespace memwall::tools::price {
namespace {

constexpr std::size_t most_requests = 20'000;

/// The lengths that the model reaches with an answer behind them.
std::vector<std::int64_t> lengths_for(const Engine& engine, const Question& question, const Demand& demand,
                                      std::vector<std::string>& notes) {
  if (question.beyond) return question.contexts;
  const auto longest = engine.longest() - static_cast<std::int64_t>(demand.output);
  std::vector<std::int64_t> out;
  for (const std::int64_t context : question.contexts) {
    if (context <= longest) out.push_back(context);
  }
  if (out.size() == question.contexts.size()) return out;
  const std::string model = engine.pool.model.name + " has " + std::to_string(engine.longest()) + " positions";
  if (question.contexts_given) {
    throw InputError("--contexts: " + model + ", and " + std::to_string(question.contexts.back()) +
                     " prompt tokens with an answer do not fit; end at " + std::to_string(longest) +
                     ", or give --beyond to price what it was not trained for");
  }
  notes.push_back(model + "; longer lengths are left out (--beyond prices them)");
  return out;
}

/// The scenario's objective, and answers of the traffic's mean length where nothing else was said. Whole, so that a
/// simulation of equal requests can be laid beside it.
Demand demand_on(const Engine& engine, const Question& question, const std::vector<Lengths>& requests) {
  Demand demand = question.demand;
  if (!demand.tpot_s) demand.tpot_s = engine.tpot_s;
  if (question.output_given) return demand;
  if (requests.empty()) throw InputError("the workload has no request; give --output-tokens");
  double sum = 0;
  for (const Lengths& each : requests) sum += each.output;
  demand.output = std::max(1.0, std::floor(sum / static_cast<double>(requests.size()) + 0.5));
  return demand;
}

/// Prices for the traffic that is asked for, the scenario's being `requests`.
Tariffs tariffs_for(const Engine& engine, const Question& question, const Curve& curve, std::vector<Lengths> requests) {
  std::string traffic = "the scenario's requests";
  if (question.traffic == Traffic::contexts) {
    requests.clear();
    for (const Point& at : curve.points) requests.push_back({at.request.input, at.request.output});
    traffic = "one request of each length of the curve";
  } else if (question.output_given) {
    for (Lengths& each : requests) each.output = curve.demand.output;
  }
  if (requests.empty()) throw InputError("the workload has no request to solve prices for; give --traffic contexts");
  Tariffs out = tariffs_of(engine, curve.demand, requests, question.margin);
  out.traffic = traffic;
  return out;
}

}  // namespace

Curve price_curve(Engine& engine, const Question& question) {
  Curve out;
  out.name = engine.name;
  out.model = engine.pool.model.name;
  out.weights = name(engine.pool.deployment.weights);
  out.device = engine.pool.spec.device;
  out.devices = engine.devices;
  out.money = engine.money;
  std::vector<Lengths> requests;
  const bool wanted = !question.output_given || question.traffic == Traffic::scenario;
  if (wanted) requests = lengths_of(engine.workloads, most_requests);
  out.demand = demand_on(engine, question, requests);
  out.bytes = model_bytes(engine.pool.model, engine.pool.deployment);
  out.cache_bytes = engine.usable_blocks() * engine.block_bytes();
  out.notes = engine.notes;
  const std::vector<std::int64_t> contexts = lengths_for(engine, question, out.demand, out.notes);
  if (contexts.empty()) {
    out.refusal = out.notes.back();
    return out;
  }
  for (const std::int64_t context : contexts) out.points.push_back(price_point(engine, out.demand, context));
  out.thresholds = thresholds(engine, out.demand, contexts.front());
  out.break_even_hold_s = break_even_hold_s(engine, out.demand, contexts.front());
  if (question.traffic != Traffic::none) out.tariffs = tariffs_for(engine, question, out, std::move(requests));
  return out;
}

}  // namespace memwall::tools::price
