#include "sim/scenario/resolved.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>

#include "sim/base/error.hpp"
#include "sim/base/units.hpp"
#include "sim/config/json_override.hpp"

namespace memwall {
namespace {

/// Writes a value that was left to default; what the scenario says stays. It goes before the first of the keys that are
/// declared `behind` it, because a report has its keys in the order of declaration.
void fill(json::Node& object, const std::string& key, std::string_view value,
          std::span<const std::string_view> behind) {
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

// The model's keys in the order of their declaration, each list without those before it.
constexpr std::string_view model_keys[] = {"attention_weights", "dense_weights",   "kv_cache",
                                           "activations",       "compute",         "absorbed_projections",
                                           "kv_compression",    "weight_sparsity", "sparse_attention"};
constexpr std::span<const std::string_view> behind_weights(model_keys);
constexpr auto behind_attention = behind_weights.subspan(1);
constexpr auto behind_dense = behind_weights.subspan(2);
constexpr auto behind_cache = behind_weights.subspan(3);
constexpr auto behind_activations = behind_weights.subspan(4);

void fill_model(json::Node& model, const BuiltPool& pool) {
  const Deployment& d = pool.deployment;
  fill(model, "weights", name(d.weights), behind_weights);
  // Named weights are those of all layers, so parts of another format must be named too.
  if (d.attention_format() != d.weights) fill(model, "attention_weights", name(d.attention_format()), behind_attention);
  if (d.dense_format() != d.weights) fill(model, "dense_weights", name(d.dense_format()), behind_dense);
  fill(model, "kv_cache", name(d.kv), behind_cache);
  fill(model, "activations", name(d.activations), behind_activations);
}

void fill_engine(json::Node& engine, const BuiltPool& pool) {
  const VllmConfig& used = pool.engine.scheduler;
  const bool host = pool.device->info().host_driven;
  const bool by_device = host && pool.device->info().sampling_per_sequence;
  fill(engine, "sampling_time_per_sequence",
       by_device ? units::format(pool.overheads.sampling_per_sequence)
                 : std::string(host ? default_sampling_time() : "0 s"),
       {});
  fill(engine, "schedule_time", host ? default_schedule_time(used.async_scheduling) : "0 s",
       std::array<std::string_view, 1>{"sampling_time_per_sequence"});
  fill(engine, "cuda_graphs", host ? "true" : "false", std::array<std::string_view, 1>{"schedule_time"});
  fill(engine, "max_model_len", std::to_string(used.max_model_len),
       std::array<std::string_view, 2>{"num_gpu_blocks_override", "gpu_memory_utilization"});
  fill(engine, "max_num_batched_tokens", std::to_string(used.max_num_batched_tokens),
       std::array<std::string_view, 1>{"max_model_len"});
  fill(engine, "max_num_seqs", std::to_string(used.max_num_seqs),
       std::array<std::string_view, 1>{"max_num_batched_tokens"});
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
      fill(pools.items[i], "count", std::to_string(pool.devices_per_replica),
           std::array<std::string_view, 1>{"parallelism"});
    if (pool.feed_forward && pool.feed_forward->device->spatial() != nullptr)
      fill(child(pools.items[i], "ffn"), "count", std::to_string(pool.feed_forward->memory.devices),
           std::array<std::string_view, 1>{"parallelism"});
    fill_engine(child(pools.items[i], "engine"), pool);
    if (pool.power_cap)
      fill(pools.items[i], "power_cap", units::format(*pool.power_cap), std::array<std::string_view, 1>{"cost"});
    json::Node* map = root.find("models");
    json::Node* one = map == nullptr ? nullptr : map->find(pool.spec.model);
    fill_model(one != nullptr ? *one : child(root, "model"), pool);
  }
  return root;
}

}  // namespace memwall
