#include "sim/scenario/build_routes.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/base/error.hpp"
#include "sim/base/units.hpp"

namespace memwall {
namespace {

/// Of one workload: whether its requests are taken, and by class.
struct Taken {
  bool without_class = true;
  std::vector<bool> by_class;
};

std::function<bool(const Request&)> acceptance(const AcceptsSpec& spec, const Scenario& scenario, const Built& built) {
  if (spec == AcceptsSpec{}) return {};
  const auto listed = [](const std::vector<std::string>& list, const std::string& name) {
    return list.empty() || std::find(list.begin(), list.end(), name) != list.end();
  };
  std::vector<Taken> taken;
  for (std::size_t i = 0; i < scenario.workloads.size(); ++i) {
    const WorkloadSpec& workload = scenario.workloads[i];
    const bool all = listed(spec.workloads, workload.name);
    Taken one;
    one.without_class = all && listed(spec.classes, workload.class_name);
    for (const std::string& name : built.workloads[i].source->names().classes)
      one.by_class.push_back(all && listed(spec.classes, name));
    taken.push_back(std::move(one));
  }
  const std::int64_t low = spec.min_input_tokens;
  const std::int64_t high = spec.max_input_tokens.value_or(std::numeric_limits<std::int64_t>::max());
  return [taken = std::move(taken), low, high](const Request& request) {
    if (request.input_tokens < low || request.input_tokens > high) return false;
    const Taken& workload = taken[static_cast<std::size_t>(request.workload)];
    const std::int32_t label = request.labels.service_class;
    return label < 0 ? workload.without_class : static_cast<bool>(workload.by_class[static_cast<std::size_t>(label)]);
  };
}

}  // namespace

std::vector<RequestRoute> build_routes(const Scenario& scenario, const Built& built) {
  std::vector<RequestRoute> routes;
  std::vector<AcceptsSpec> rules;
  std::int32_t next = 0;
  for (const BuiltPool& pool : built.pools) {
    const auto place = std::find(rules.begin(), rules.end(), pool.spec.accepts);
    const auto at = static_cast<std::size_t>(place - rules.begin());
    if (place == rules.end()) {
      rules.push_back(pool.spec.accepts);
      routes.emplace_back();
      routes.back().accepts = acceptance(pool.spec.accepts, scenario, built);
    }
    Choosers& choosers = pool.spec.role == PoolRole::decode ? routes[at].decode : routes[at].entry;
    for (std::int32_t i = 0; i < pool.spec.engines(); ++i) choosers.replicas.push_back({next++});
  }
  RouterSetup setup;
  setup.seed = scenario.seed;
  for (RequestRoute& route : routes) {
    setup.replicas = static_cast<std::int32_t>(route.entry.replicas.size());
    route.entry.router = scenario.router(setup);
    if (route.decode.replicas.empty()) continue;
    setup.replicas = static_cast<std::int32_t>(route.decode.replicas.size());
    route.decode.router = scenario.decode_router(setup);
  }
  return routes;
}

std::optional<HandoverRules> handover_rules(const Scenario& scenario) {
  if (!scenario.kv_transfer) return std::nullopt;
  HandoverRules rules = scenario.kv_transfer->rules;
  rules.latency = Duration::from(scenario.kv_transfer->latency);
  return rules;
}

CachePort cache_port(const BuiltPool& pool, const std::optional<KvTransferSpec>& transfer) {
  CachePort port;
  const auto ranks = static_cast<double>(pool.spec.tensor);
  // Each engine of a data-parallel group moves its own caches over its own devices.
  const std::int64_t devices = pool.devices_per_replica / pool.spec.experts.data;
  if (transfer) port.bandwidth = transfer->bandwidth * static_cast<double>(devices);
  port.block = pool.memory.block * ranks;
  port.sequence = pool.memory.sequence * ranks;
  return port;
}

TiersSetup tiers_setup(const BuiltPool& pool) {
  TiersSetup setup;
  const KvTiersSpec& spec = pool.spec.tiers;
  if (spec.tiers.empty()) return setup;
  setup.at_finish = spec.offload.at_finish;
  setup.when_faster = spec.offload.when_faster;
  setup.least_tokens = spec.offload.min_tokens;
  const Bytes block = pool.memory.block * static_cast<double>(pool.spec.tensor);
  const VllmConfig& engine = pool.engine.scheduler;
  std::vector<Fault> faults;
  const std::string where = "pool \"" + pool.spec.name + "\": ";
  const auto needs = [&](bool given, const std::string& key) {
    if (!given) faults.push_back({"", 0, "", where + "\"kv_tiers\" needs \"" + key + "\" of the engine to be true"});
  };
  needs(engine.enable_prefix_caching, "enable_prefix_caching");
  needs(engine.enable_chunked_prefill, "enable_chunked_prefill");
  needs(engine.scheduler_reserve_full_isl, "scheduler_reserve_full_isl");
  if (pool.memory.sequence_blocks > 0) {
    faults.push_back({"", 0, "",
                      where + "\"kv_tiers\" keep blocks, and " + pool.model.name +
                          " also has states or windows of a sequence, which a prefix alone does not bring back"});
  }
  for (const KvTierSpec& tier : spec.tiers) {
    TierSetup one;
    one.name = tier.name;
    one.kind = tier.kind;
    one.blocks = static_cast<std::int64_t>(std::floor(tier.capacity / block));
    if (one.blocks < 1) {
      faults.push_back({"", 0, "",
                        where + "the tier \"" + tier.name + "\" of " + units::format(tier.capacity) +
                            " holds less than one block of the cache, which takes " + units::format(block) +
                            ": give it more, or leave it out"});
    }
    one.read = tier.bandwidth;
    one.write = tier.write_bandwidth.value_or(tier.bandwidth);
    one.latency = Duration::from(tier.latency);
    one.time_to_live = tier.time_to_live ? Duration::from(*tier.time_to_live) : Duration{INT64_MAX / 2};
    one.shared = tier.shared;
    one.at_eviction = tier.at_eviction;
    setup.tiers.push_back(std::move(one));
  }
  if (!faults.empty()) throw InputError(std::move(faults));
  return setup;
}

void check_handovers(const std::vector<BuiltPool>& pools) {
  std::vector<Fault> faults;
  for (const BuiltPool& from : pools) {
    if (from.spec.role != PoolRole::prefill) continue;
    for (const BuiltPool& into : pools) {
      if (into.spec.role != PoolRole::decode || !(into.spec.accepts == from.spec.accepts)) continue;
      const std::string both = "pools \"" + from.spec.name + "\" and \"" + into.spec.name + "\"";
      if (from.spec.model != into.spec.model) {
        faults.push_back({"", 0, "", both + " run different models; a cache is of one model"});
      }
      const std::int64_t longest = from.engine.scheduler.max_model_len;
      if (into.engine.scheduler.max_model_len < longest) {
        faults.push_back({"", 0, "",
                          both + ": the first takes requests of up to " + std::to_string(longest) +
                              " tokens (max_model_len), the second holds at most " +
                              std::to_string(into.engine.scheduler.max_model_len) +
                              ": set the same max_model_len, which the second can hold"});
      }
    }
  }
  if (!faults.empty()) throw InputError(std::move(faults));
}

}  // namespace memwall
