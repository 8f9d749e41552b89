#include "sim/scenario/resolved.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>

#include "sim/base/error.hpp"
#include "sim/config/json_override.hpp"

namespace memwall {
namespace {

/// Writes a value that was left to default; what the scenario says stays. It goes before the first of the keys that are
/// declared `behind` it, because a report has its keys in the order of declaration.
void fill(json::Node& object, const std::string& key, std::string_view value,
          std::initializer_list<std::string_view> behind) {
  if (object.find(key) != nullptr) return;
  const auto fault = json::set_value(object, "/" + key, value);
  law(!fault, "a key can be set in every object");
  auto& members = object.members;
  const auto made = members.end() - 1;
  const auto place = std::find_if(members.begin(), made, [&](const json::Member& member) {
    return std::find(behind.begin(), behind.end(), member.key) != behind.end();
  });
  std::rotate(place, made, members.end());
}

void fill_model(json::Node& model, const BuiltPool& pool) {
  fill(model, "weights", name(pool.deployment.weights), {"kv_cache"});
  fill(model, "kv_cache", name(pool.deployment.kv), {});
}

void fill_engine(json::Node& engine, const BuiltPool& pool) {
  const VllmConfig& used = pool.engine.scheduler;
  const bool host = pool.device->info().host_driven;
  fill(engine, "sampling_time_per_sequence", host ? default_sampling_time() : "0 s", {});
  fill(engine, "schedule_time", host ? default_schedule_time(used.async_scheduling) : "0 s",
       {"sampling_time_per_sequence"});
  fill(engine, "cuda_graphs", host ? "true" : "false", {"schedule_time"});
  fill(engine, "max_model_len", std::to_string(used.max_model_len),
       {"num_gpu_blocks_override", "gpu_memory_utilization"});
  fill(engine, "max_num_batched_tokens", std::to_string(used.max_num_batched_tokens), {"max_model_len"});
  fill(engine, "max_num_seqs", std::to_string(used.max_num_seqs), {"max_num_batched_tokens"});
}

json::Node& child(json::Node& object, std::string_view key) {
  json::Node* node = object.find(key);
  law(node != nullptr, "the reader records every object that it read");
  return *node;
}

}  // namespace

json::Node resolved_scenario(const LoadedScenario& loaded, const Built& built) {
  json::Node root = loaded.resolved;
  json::Node& pools = child(root, "pools");
  law(pools.items.size() == built.pools.size(), "every pool of a scenario is built");
  for (std::size_t i = 0; i < built.pools.size(); ++i) {
    const BuiltPool& pool = built.pools[i];
    if (pool.device->spatial() != nullptr)
      fill(pools.items[i], "count", std::to_string(pool.devices_per_replica), {"parallelism"});
    fill_engine(child(pools.items[i], "engine"), pool);
    json::Node* map = root.find("models");
    json::Node* one = map == nullptr ? nullptr : map->find(pool.spec.model);
    fill_model(one != nullptr ? *one : child(root, "model"), pool);
  }
  return root;
}

}  // namespace memwall
