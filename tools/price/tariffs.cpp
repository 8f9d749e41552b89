#include "tools/price/tariffs.hpp"

#include <algorithm>
#include <cmath>

#include "sim/base/math.hpp"

namespace memwall::tools::price {
namespace {

constexpr std::size_t most_groups = 48;
constexpr std::size_t most_candidates = 24;
constexpr std::size_t most_steps = 3;

/// Requests of nearly one length: a run of the sorted traffic.
struct Group {
  double requests = 0;
  double input = 0;         ///< mean, whole
  double output = 0;        ///< mean
  double short_output = 0;  ///< of the half with the shorter answers
  double long_output = 0;
  double longer = 0;  ///< requests of the longer half
};

Group group_of(std::vector<Lengths> some) {
  std::sort(some.begin(), some.end(), [](const Lengths& a, const Lengths& b) { return a.output < b.output; });
  Group out;
  const std::size_t half = some.size() / 2;
  for (std::size_t i = 0; i < some.size(); ++i) {
    out.input += some[i].input;
    out.output += some[i].output;
    (i < half ? out.short_output : out.long_output) += some[i].output;
  }
  out.requests = static_cast<double>(some.size());
  out.longer = static_cast<double>(some.size() - half);
  out.input = std::max(1.0, std::floor(out.input / out.requests + 0.5));
  out.output /= out.requests;
  if (half > 0) out.short_output /= static_cast<double>(half);
  out.long_output /= out.longer;
  return out;
}

/// Groups by equal ratios of lengths, so that a long tail keeps its shape.
std::vector<Group> groups_of(std::vector<Lengths> traffic) {
  std::stable_sort(traffic.begin(), traffic.end(),
                   [](const Lengths& a, const Lengths& b) { return a.input < b.input; });
  const double lowest = traffic.front().input;
  const double highest = traffic.back().input;
  std::vector<Group> out;
  std::vector<Lengths> some;
  // Equal ratios from the shortest to the longest prompt, as many as there are groups.
  const double ratio =
      std::max(1.02, math::pow(highest / std::max(1.0, lowest), 1.0 / static_cast<double>(most_groups)));
  double end = std::max(1.0, lowest) * ratio;
  for (const Lengths& each : traffic) {
    if (each.input > end) {
      if (!some.empty()) out.push_back(group_of(std::move(some)));
      some.clear();
      while (each.input > end) end *= ratio;
    }
    some.push_back(each);
  }
  out.push_back(group_of(std::move(some)));
  return out;
}

/// Between neighbouring contexts of the bills, thinned evenly.
std::vector<double> candidates_of(const std::vector<Bill>& bills) {
  std::vector<double> contexts;
  for (const Bill& bill : bills) contexts.push_back(bill.context);
  std::sort(contexts.begin(), contexts.end());
  contexts.erase(std::unique(contexts.begin(), contexts.end()), contexts.end());
  std::vector<double> between;
  for (std::size_t i = 1; i < contexts.size(); ++i) between.push_back(std::floor((contexts[i - 1] + contexts[i]) / 2));
  if (between.size() <= most_candidates) return between;
  std::vector<double> out;
  for (std::size_t i = 0; i < most_candidates; ++i)
    out.push_back(between[i * (between.size() - 1) / (most_candidates - 1)]);
  return out;
}

}  // namespace

std::vector<Bill> bills_of(const Engine& engine, const Demand& demand, const std::vector<Lengths>& traffic,
                           double margin, double& refused) {
  std::vector<Bill> out;
  refused = 0;
  const auto block = static_cast<double>(engine.pool.engine.scheduler.block_size);
  for (const Group& group : groups_of(traffic)) {
    Demand own = demand;
    own.output = std::max(1.0, group.output);
    const Point shared = price_point(engine, own, static_cast<std::int64_t>(group.input));
    if (!shared.refusal.empty()) {
      refused += group.requests;
      continue;
    }
    // All but the last block of a prompt can be found; the last one is always computed.
    const double most_cached = std::max(0.0, std::floor((group.input - 1) / block) * block);
    for (const bool hit : {false, true}) {
      const double share = hit ? demand.cached : 1 - demand.cached;
      const double cached = hit ? most_cached : 0;
      if (share <= 0) continue;
      const CostParts parts = cost_in(engine, own, shared, cached / group.input);
      const double busy = parts.prefill + parts.decode + parts.storage;
      for (const bool longer : {false, true}) {
        const double requests = longer ? group.longer : group.requests - group.longer;
        if (requests <= 0) continue;
        Bill bill;
        bill.weight = requests * share;
        bill.context = group.input;
        bill.cached = cached;
        bill.uncached = group.input - cached;
        bill.output = longer ? group.long_output : group.short_output;
        const double own_busy = busy + parts.decode * (bill.output / own.output - 1);
        bill.cost = own_busy * (1 + parts.idle / busy) * (1 + margin);
        out.push_back(bill);
      }
    }
  }
  return out;
}

std::vector<Explained> explained_steps(const std::vector<Bill>& bills) {
  std::vector<Explained> out;
  for (const PublicPrice& list : public_prices()) {
    Explained step;
    step.list = list;
    std::vector<Bill> below;
    std::vector<Bill> above;
    for (const Bill& bill : bills) (bill.context <= list.step ? below : above).push_back(bill);
    if (!below.empty() && !above.empty()) {
      const Tariff flat = tariff_at(below, Semantics::whole, {});
      double cost = 0;
      double billed = 0;
      double listed = 0;
      double listed_above = 0;
      for (const Bill& bill : above) {
        cost += bill.weight * bill.cost;
        billed += bill.weight * flat.bill(bill);
        listed += bill.weight * (bill.uncached * list.input + bill.cached * list.cached + bill.output * list.output);
        listed_above += bill.weight * (bill.uncached * list.input_above + bill.cached * list.cached_above +
                                       bill.output * list.output_above);
      }
      if (billed > 0) step.cost_rise = cost / billed;
      step.list_rise = listed_above / listed;
    }
    out.push_back(step);
  }
  return out;
}

Tariffs tariffs_of(const Engine& engine, const Demand& demand, const std::vector<Lengths>& traffic, double margin) {
  Tariffs out;
  out.requests = static_cast<double>(traffic.size());
  out.margin = margin;
  const std::vector<Bill> bills = bills_of(engine, demand, traffic, margin, out.refused);
  if (bills.empty()) return out;
  const std::vector<double> candidates = candidates_of(bills);
  out.all.push_back(tariff_at(bills, Semantics::whole, {}));
  for (const Semantics semantics : {Semantics::whole, Semantics::marginal}) {
    for (std::size_t steps = 1; steps <= std::min(most_steps, candidates.size()); ++steps) {
      out.all.push_back(best_tariff(bills, semantics, steps, candidates));
    }
  }
  out.steps = explained_steps(bills);
  return out;
}

}  // namespace memwall::tools::price
