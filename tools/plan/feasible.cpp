#include "tools/plan/feasible.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/base/error.hpp"
#include "sim/base/units.hpp"
#include "sim/llm/memory_plan.hpp"
#include "sim/scenario/describe_device.hpp"

namespace memwall::tools::plan {
namespace {

double price_alone(const BuiltPool& pool, CyclePricer& program, std::int64_t before, std::int64_t tokens,
                   bool decodes) {
  BatchShape shape;
  shape.add(before, tokens, true, decodes, program.reaches());
  shape.padded = pool.engine.padding.rows(shape.tokens);
  return program.price_from_scratch(shape).total().value;
}

void take_facts(const BuiltPool& pool, Feasible& out) {
  out.devices = pool.devices();
  const auto devices = static_cast<double>(out.devices);
  constexpr double hour = 3600;
  const DeviceInfo& info = pool.device->info();
  if (pool.power_cap) {
    out.watts = pool.power_cap->value * devices;
  } else if (info.power) {
    out.watts = info.power->value.value * devices;
  }
  if (!pool.price) return;
  out.usd_per_hour = pool.price->capital.value * hour * devices;
  const double electricity = pool.price->electricity ? pool.price->electricity->value * pool.price->pue : 0;
  out.usd_at_most = out.usd_per_hour + electricity * out.watts.value_or(0) * hour;
}

void take_bounds(const Built& built, const Traffic& traffic, Feasible& out) {
  const BuiltPool& pool = built.pools.front();
  const std::vector<PoolSetup> setups = pool_setups(built);
  CyclePricer& program = *setups.front().program;
  const std::int64_t context = std::max<std::int64_t>(1, traffic.shortest_input);
  const std::int64_t computed =
      traffic.shares_tokens ? 1 : std::min(context, pool.engine.scheduler.max_num_batched_tokens);
  out.least_tpot_s = price_alone(pool, program, context, 1, true);
  out.least_prompt_s = price_alone(pool, program, 0, computed, false);
  if (!traffic.requests_per_s) return;
  MeanRequest mean = traffic.mean;
  if (traffic.shares_tokens) mean.uncached = 1;
  out.capacity = pool_capacity(pool, program, mean);
}

}  // namespace

std::int64_t Feasible::least_replicas(const Traffic& traffic, double rate_factor) const {
  if (!capacity || !traffic.requests_per_s) return 1;
  const double needed = *traffic.requests_per_s * rate_factor / capacity->requests_per_s;
  // The estimate of a run is the same number but for the last bits of two sums in another order.
  constexpr double slack = 1e-9;
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(needed * (1 - slack))));
}

Feasible feasible(const Base& base, const Layout& layout, const Traffic& traffic) {
  Feasible out;
  if (!layout.refusal.empty()) {
    out.rejection = {Reason::link, layout.refusal, ""};
    return out;
  }
  try {
    const LoadedScenario loaded = load_fleet(base, {&layout, 1, 1});
    const Built built = build(loaded.scenario, *base.catalogue, loaded.build);
    take_facts(built.pools.front(), out);
    if (!built.pools.front().price) {
      out.rejection = {Reason::price, "neither the scenario nor the file of " + layout.device + " has a price",
                       "--price '" + layout.device + "=2.5 USD/h' says it"};
    }
    take_bounds(built, traffic, out);
  } catch (const DoesNotFit& error) {
    out.rejection = {Reason::memory, units::format(error.missing()) + " too little memory: " + error.what(), ""};
  } catch (const InputError& error) {
    out.rejection = {Reason::refused, error.faults().front().message, ""};
  }
  return out;
}

Rejection unreachable(const Base& base, const Feasible& found, const Traffic& traffic) {
  if (traffic.requests == 0) return {};
  for (const WorkloadSpec& workload : base.loaded.scenario.workloads) {
    for (const SloBound& bound : workload.slo.bounds) {
      const double limit = bound.limit.seconds();
      const bool gaps = bound.metric == LatencyMetric::tpot || bound.metric == LatencyMetric::itl;
      const bool prompts = bound.metric == LatencyMetric::ttft || bound.metric == LatencyMetric::e2e;
      const double least = gaps && traffic.gaps ? found.least_tpot_s : prompts ? found.least_prompt_s : 0;
      // A run rounds times to picoseconds.
      constexpr double slack = 1e-9;
      if (least * (1 - slack) <= limit) continue;
      const Reason reason = gaps ? Reason::tpot : bound.metric == LatencyMetric::ttft ? Reason::ttft : Reason::e2e;
      return {
          reason,
          fmt::format("{} of {} alone takes {} at least, the SLO of {} is {}", gaps ? "a decode cycle" : "the prompt",
                      gaps ? "one sequence" : "the shortest request", duration_text(Seconds{least}),
                      std::string(name(bound.metric)), duration_text(Seconds{limit})),
          ""};
    }
  }
  return {};
}

}  // namespace memwall::tools::plan
