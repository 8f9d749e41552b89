#include "tools/plan/fleet.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "sim/base/error.hpp"
#include "sim/scenario/cost_report.hpp"
#include "sim/scenario/describe_device.hpp"
#include "sim/scenario/energy.hpp"
#include "sim/scenario/saturation.hpp"
#include "tools/plan/traffic.hpp"

namespace memwall::tools::plan {
namespace {

/// Keys of a pool that speak of its device. Those that a layout sets come anew in any case.
constexpr std::array device_keys = {"package", "cost", "power_cap", "weights", "count", "what_if"};

void erase(json::Node& object, std::string_view key) {
  std::erase_if(object.members, [key](const json::Member& member) { return member.key == key; });
}

json::Node text_node(const std::string& text) {
  json::Node node;
  node.kind = json::Kind::text;
  node.text = text;
  return node;
}

json::Node number_node(std::int64_t number) {
  json::Node node;
  node.kind = json::Kind::number;
  node.number = static_cast<double>(number);
  node.integer = number;
  node.text = std::to_string(number);
  return node;
}

void put(json::Node& object, const std::string& key, json::Node value) {
  object.kind = json::Kind::object;
  if (json::Node* found = object.find(key)) {
    *found = std::move(value);
  } else {
    object.members.push_back({key, 0, std::move(value)});
  }
}

json::Node& child(json::Node& object, const std::string& key) {
  if (object.find(key) == nullptr) {
    json::Node empty;
    empty.kind = json::Kind::object;
    put(object, key, std::move(empty));
  }
  return *object.find(key);
}

void divide(json::Node& pool, const PoolSpec& spec, const Layout& layout) {
  if (layout.spatial) {
    erase(pool, "parallelism");
    if (layout.devices) put(pool, "count", number_node(*layout.devices));
    return;
  }
  json::Node& parallelism = child(pool, "parallelism");
  put(parallelism, "tensor", number_node(layout.devices.value_or(1)));
  // Experts that lie whole on devices lie on all of them: tensor x data.
  if (spec.experts.expert > 1) put(parallelism, "expert", number_node(layout.devices.value_or(1) * spec.experts.data));
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
    for (const char* key : device_keys) erase(pool, key);
  }
  put(pool, "device", text_node(layout.device));
  put(pool, "replicas", number_node(fleet.replicas));
  divide(pool, spec, layout);
  const EngineSettings& engine = layout.engine;
  if (engine.max_num_seqs) put(child(pool, "engine"), "max_num_seqs", number_node(*engine.max_num_seqs));
  if (engine.max_num_batched_tokens) {
    put(child(pool, "engine"), "max_num_batched_tokens", number_node(*engine.max_num_batched_tokens));
  }
  const std::string price = price_of(base, layout.device);
  if (!price.empty()) put(child(pool, "cost"), "price", text_node(price));
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
