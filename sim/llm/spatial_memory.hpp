// How many devices a model that stays in their memory needs, and how many cache blocks fit beside it.
#pragma once

#include <cstdint>
#include <optional>

#include "sim/llm/memory_plan.hpp"

namespace memwall {

struct SpatialMemory {
  std::int64_t devices = 0;
  MemoryPlan plan;  ///< over all devices together
};

/// Weights, caches and activations of a replica share the memory of its devices, evenly. Without `devices` the replica
/// has as few as hold the weights and one sequence of max_model_len. Throws DoesNotFit, with the sum written out and
/// the number of devices that it would need, when the given ones do not hold that.
[[nodiscard]] SpatialMemory plan_spatial_memory(const ModelShape& model, const Deployment& deployment,
                                                const MemorySettings& settings, std::optional<std::int64_t> devices);

/// The same where weights are streamed from a store of `store` bytes: the devices hold caches, activations and two
/// layers, the one at work and the one that is brought meanwhile, and each device has all of those two. Throws
/// InputError when the store or the devices are too small.
[[nodiscard]] SpatialMemory plan_streamed_memory(const ModelShape& model, const Deployment& deployment,
                                                 const MemorySettings& settings, Bytes store,
                                                 std::optional<std::int64_t> devices);

}  // namespace memwall
