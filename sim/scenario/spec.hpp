// A scenario as plain data: every key with its value, nothing opened or built yet.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/quantity.hpp"
#include "sim/base/reader.hpp"
#include "sim/base/tier.hpp"
#include "sim/hw/operators.hpp"
#include "sim/hw/precision.hpp"
#include "sim/llm/overlap_program.hpp"
#include "sim/metrics/slo.hpp"
#include "sim/scenario/catalogue.hpp"
#include "sim/scenario/device_values.hpp"
#include "sim/scenario/model_spec.hpp"
#include "sim/scenario/money.hpp"
#include "sim/scenario/tier_spec.hpp"
#include "sim/scenario/what_if.hpp"
#include "sim/serve/handover.hpp"
#include "sim/serve/router/router.hpp"
#include "sim/serve/scheduler/vllm_config.hpp"
#include "sim/serve/source.hpp"

namespace memwall {

/// Keys of an engine of kind `vllm`. Absent values take vLLM's defaults, some of which depend on the device.
struct EngineKeys {
  VllmConfig scheduler;                                ///< block, batch and length limits are filled in by `build`
  std::optional<std::int64_t> max_num_seqs;            ///< absent: by device
  std::optional<std::int64_t> max_num_batched_tokens;  ///< absent: by device
  std::optional<std::int64_t> max_model_len;           ///< absent: the model's longest position
  std::optional<std::int64_t> num_gpu_blocks_override;
  double gpu_memory_utilization = 0.92;
  std::optional<bool> cuda_graphs;       ///< pad batches to captured sizes; absent: where a host launches kernels
  std::optional<Seconds> schedule_time;  ///< host time of a cycle; absent: by `async_scheduling`
  std::optional<Seconds> sampling_time_per_sequence;  ///< absent: by device
  std::optional<DualBatchOverlap> overlap;            ///< absent: a batch is never split
};

/// The second group of devices of a replica, which holds the feed-forward part of every layer.
struct FeedForwardSpec {
  std::string device;
  std::optional<std::int64_t> count;  ///< devices that the layers are laid out on; absent: as few as fit
  int tensor = 1;                     ///< devices that share every layer
  std::string interconnect;           ///< between the devices of the group; needed above one that share layers
  std::int64_t micro_batches = 2;
  BytesPerSecond link_bandwidth;  ///< of each device of the attention group, one direction
  Seconds link_latency;
  Tier link_tier = Tier::scale_out;
  Precision there = Precision::bf16;  ///< format of activations on their way to the feed-forward part
  Precision back = Precision::bf16;
  WhatIf what_if;
  DeviceValues device_values;

  /// What is read of its device's file in another way than the file says.
  [[nodiscard]] DeviceChanges device_changes() const {
    DeviceChanges out = what_if.of_device();
    out.values = device_values;
    return out;
  }
};

/// How a replica shares the experts of a model. What is left out of Deployment is `tensor`, a key of its own.
struct ExpertSpec {
  int data = 1;  ///< engines of a replica that share the experts, each with a batch and a cache of its own
  int expert = 1;
  int redundant = 0;
  double skew = 0;
  double most_domains = 0;
  ExchangeMode exchange = ExchangeMode::low_latency;
};

enum class PoolRole : std::uint8_t { mixed, prefill, decode };

/// Which requests a pool takes; pools with the same answer share a router.
struct AcceptsSpec {
  std::vector<std::string> classes;    ///< empty: all
  std::vector<std::string> workloads;  ///< empty: all
  std::int64_t min_input_tokens = 1;
  std::optional<std::int64_t> max_input_tokens;
  friend bool operator==(const AcceptsSpec&, const AcceptsSpec&) = default;
};

/// How caches move from pools that prefill to pools that decode.
struct KvTransferSpec {
  HandoverRules rules;
  BytesPerSecond bandwidth;  ///< of each device, each direction
  Seconds latency;
  Tier tier = Tier::scale_out;
};

struct PoolSpec {
  std::string name;
  PoolRole role = PoolRole::mixed;
  AcceptsSpec accepts;
  std::string device;
  std::string model;  ///< key of Scenario::models
  std::int32_t replicas = 1;
  std::optional<std::int64_t> hbm_stacks;  ///< of the device's package; absent: as its file says
  int tensor = 1;                          ///< devices of a replica that share every layer
  ExpertSpec experts;
  std::optional<std::int64_t> count;  ///< devices of a replica that the layers are laid out on; absent: as few as fit
  bool streamed = false;              ///< weights are brought onto the devices layer by layer, every cycle
  std::optional<FeedForwardSpec> feed_forward;  ///< absent: the pool's device holds whole layers
  KvTiersSpec tiers;
  EngineKeys engine;
  std::optional<Watts> power_cap;  ///< of one device; absent: its board power
  CostKeys cost;
  WhatIf what_if;
  DeviceValues device_values;

  /// What is read of its device's file in another way than the file says.
  [[nodiscard]] DeviceChanges device_changes() const {
    DeviceChanges out = what_if.of_device(hbm_stacks);
    out.values = device_values;
    return out;
  }
  /// Engines of all replicas: each of the ranks of a data-parallel group schedules for itself.
  [[nodiscard]] std::int32_t engines() const { return replicas * experts.data; }
};

struct WorkloadSpec {
  std::string name;
  std::string tenant;
  std::string class_name;
  Slo slo;
  std::function<std::unique_ptr<RequestSource>(const SourceContext&)> open;
};

struct Scenario {
  std::string name;
  std::uint64_t seed = 1;
  std::map<std::string, ModelSpec> models;
  std::vector<PoolSpec> pools;
  std::string interconnect;
  RouterMaker router;
  RouterMaker decode_router;
  std::optional<KvTransferSpec> kv_transfer;
  std::vector<WorkloadSpec> workloads;
};

/// Reads the keys of a scenario; names of devices, models and interconnects are checked against the catalogue, with the
/// folders of relative paths. Faults go to the reader.
[[nodiscard]] Scenario read_scenario(Reader& reader, const Catalogue& catalogue,
                                     const std::vector<std::string>& directories);

}  // namespace memwall
