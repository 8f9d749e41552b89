#include "tools/plan/fleet.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/base/error.hpp"
#include "sim/scenario/cost_report.hpp"
#include "sim/scenario/describe_device.hpp"
#include "sim/scenario/energy.hpp"
#include "sim/scenario/saturation.hpp"
#include "tools/plan/traffic.hpp"
#include "tools/results/device_keys.hpp"
#include "tools/results/json_nodes.hpp"

namespace memwall::tools::plan {
namespace {

void divide(json::Node& pool, const PoolSpec& spec, const Layout& layout) {
  if (layout.spatial) {
    remove_member(pool, "parallelism");
    if (layout.devices) set_member(pool, "count", whole_node(*layout.devices));
    return;
  }
  json::Node& parallelism = member_object(pool, "parallelism");
  set_member(parallelism, "tensor", whole_node(layout.devices.value_or(1)));
  // Experts that lie whole on devices lie on all of them: tensor x data.
  if (spec.experts.expert > 1)
    set_member(parallelism, "expert", whole_node(layout.devices.value_or(1) * spec.experts.data));
}

std::string price_of(const Base& base, const std::string& device) {
  for (const std::string& given : base.prices) {
    if (given.substr(0, given.find('=')) == device) return given.substr(given.find('=') + 1);
  }
  return "";
}

json::Node pool_of(const Base& base, const Fleet& fleet) {
  const Layout& layout = *fleet.layout;
  const PoolSpec& spec = base.loaded.scenario.pools.front();
  json::Node pool = base.loaded.document.tree().root.find("pools")->items.front();
  if (layout.device != spec.device) {
    for (const std::string_view key : device_keys) remove_member(pool, key);
  }
  set_member(pool, "device", text_node(layout.device));
  set_member(pool, "replicas", whole_node(fleet.replicas));
  divide(pool, spec, layout);
  const EngineSettings& engine = layout.engine;
  if (engine.max_num_seqs) set_member(member_object(pool, "engine"), "max_num_seqs", whole_node(*engine.max_num_seqs));
  if (engine.max_num_batched_tokens) {
    set_member(member_object(pool, "engine"), "max_num_batched_tokens", whole_node(*engine.max_num_batched_tokens));
  }
  const std::string price = price_of(base, layout.device);
  if (!price.empty()) set_member(member_object(pool, "cost"), "price", text_node(price));
  return pool;
}

Reason reason_of(LatencyMetric metric) {
  switch (metric) {
    case LatencyMetric::ttft: return Reason::ttft;
    case LatencyMetric::tpot:
    case LatencyMetric::itl: return Reason::tpot;
    case LatencyMetric::e2e: return Reason::e2e;
    case LatencyMetric::queue: return Reason::queue;
  }
  return Reason::none;
}

std::string seconds_text(double seconds) { return duration_text(Seconds{seconds}); }

std::string tier_text(const Trial& trial) {
  return fmt::format("{} is the bottleneck of {:.0f} % of busy time", name(trial.bottleneck),
                     100 * trial.bottleneck_share);
}

Rejection judged(const Trial& trial, const Demands& demands) {
  if (trial.refused > 0) {
    return {Reason::throughput, fmt::format("{} of {} requests are rejected or fail", trial.refused, trial.arrived),
            ""};
  }
  if (trial.load && *trial.load > 1) {
    return {Reason::throughput, fmt::format("load {:.2f} of capacity; {}", *trial.load, tier_text(trial)), ""};
  }
  const Verdict* worst = tightest(trial.verdicts);
  if (worst != nullptr && !worst->met) {
    return {reason_of(worst->bound.metric),
            fmt::format("{} is {}, the SLO {}; {}", bound_name(worst->bound), seconds_text(worst->observed_s),
                        seconds_text(worst->bound.limit.seconds()), tier_text(trial)),
            ""};
  }
  if (trial.attainment < demands.attainment) {
    return {Reason::attainment,
            fmt::format("{:.2f} % of the requests are good, {:.2f} % are wanted", 100 * trial.attainment,
                        100 * demands.attainment),
            ""};
  }
  return {};
}

template <std::size_t count>
std::size_t largest(const std::array<double, count>& shares) {
  return static_cast<std::size_t>(std::max_element(shares.begin(), shares.end()) - shares.begin());
}

void take_bottleneck(const Outcome& outcome, Trial& trial) {
  const CycleShares& all = outcome.results.cycles.all;
  const std::size_t first = largest(all.bottleneck_share.at);
  trial.bottleneck = tier_at(first);
  trial.bottleneck_share = all.bottleneck_share.at[first];
  std::array<double, tier_count> others = all.time_share.at;
  others[first] = 0;
  others[index(Tier::idle)] = 0;
  trial.runner_up = tier_at(largest(others));
  trial.limit = static_cast<Limit>(largest(all.limit_share));
}

void take_cost(const Outcome& outcome, Trial& trial) {
  const CostReport cost = cost_of(outcome);
  if (cost.known) {
    trial.capital_usd_per_hour = cost.capital_usd_per_hour;
    trial.energy_usd_per_hour = cost.energy_usd_per_hour;
    trial.usd_per_mtok_output = cost.usd_per_mtok_generated;
  }
  const EnergyReport energy = energy_of(outcome);
  const double seconds = outcome.results.duration.seconds();
  if (energy.all.unknown.empty() && seconds > 0) trial.mean_watts = energy.all.joules() / seconds;
}

}  // namespace

Base open_base(std::string path, std::vector<std::string> edits, const Catalogue& catalogue,
               std::vector<std::string> prices) {
  RunOptions options;
  options.set = edits;
  return {path, std::move(edits), load_scenario(path, catalogue, options), &catalogue, std::move(prices)};
}

void require_one_pool(const Base& base) {
  const std::vector<PoolSpec>& pools = base.loaded.scenario.pools;
  if (pools.size() != 1) {
    throw InputError(
        fmt::format("{}: has {} pools; this is done for one pool of equal replicas", base.path, pools.size()));
  }
  if (pools.front().feed_forward) {
    throw InputError(base.path + ": its replicas have two groups of devices (\"ffn\"); this is done for one");
  }
}

std::vector<std::string> fleet_edits(const Base& base, const Fleet& fleet) {
  std::vector<std::string> edits = base.edits;
  for (std::string& edit : rate_edits(base.loaded.document.tree().root, fleet.rate_factor)) {
    edits.push_back(std::move(edit));
  }
  edits.push_back("/pools/0=" + json_text(pool_of(base, fleet)));
  edits.push_back("/interconnect=" + json_text(text_node(fleet.layout->links)));
  return edits;
}

LoadedScenario load_fleet(const Base& base, const Fleet& fleet) {
  RunOptions options;
  options.set = fleet_edits(base, fleet);
  return load_scenario(base.path, *base.catalogue, options);
}

Trial try_fleet(const Base& base, const Fleet& fleet, const Demands& demands, const Adjust& adjust) {
  LoadedScenario loaded = load_fleet(base, fleet);
  if (adjust) adjust(loaded);
  return try_scenario(base, loaded, demands);
}

Trial try_scenario(const Base& base, const LoadedScenario& loaded, const Demands& demands) {
  const Outcome outcome = run(loaded.scenario, *base.catalogue, loaded.build, {});
  const Results& results = outcome.results;
  Trial trial;
  trial.verdicts = results.verdicts;
  trial.load = saturation(outcome).load;
  trial.arrivals_s = outcome.arrivals.seconds();
  trial.requests_per_s = results.throughput.requests_per_s;
  trial.output_tokens_per_s = results.throughput.output_tokens_per_s;
  trial.attainment = results.goodput ? results.goodput->attainment : 0;
  trial.arrived = results.requests.arrived;
  trial.completed = results.requests.of(Status::completed);
  trial.refused = results.requests.of(Status::rejected) + results.requests.of(Status::failed);
  for (const Provenance& entry : outcome.built.provenance) ++trial.inputs[static_cast<std::size_t>(entry.basis)];
  take_bottleneck(outcome, trial);
  take_cost(outcome, trial);
  trial.rejection = judged(trial, demands);
  return trial;
}

std::string bound_name(const SloBound& bound) {
  const std::string metric(name(bound.metric));
  return bound.percentile == 100 ? metric + " max" : fmt::format("{} p{:g}", metric, bound.percentile);
}

const Verdict* tightest(const std::vector<Verdict>& verdicts) {
  // A bound without an observation can be missed too, at a ratio of 0.
  const auto tightness = [](const Verdict& v) { return std::pair(!v.met, v.observed_s / v.bound.limit.seconds()); };
  const Verdict* found = nullptr;
  for (const Verdict& verdict : verdicts) {
    if (found == nullptr || tightness(verdict) > tightness(*found)) found = &verdict;
  }
  return found;
}

}  // namespace memwall::tools::plan
