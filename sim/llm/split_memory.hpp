// Whether the feed-forward parts of a model fit the group of devices that holds them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/llm/memory_plan.hpp"

namespace memwall {

struct SplitMemory {
  std::int64_t devices = 0;
  Bytes budget;                   ///< of one device, or of all together where layers are laid out
  std::vector<MemoryTerm> terms;  ///< what is taken from it
};

/// Devices that run every layer together each hold their rank's share. Throws InputError, with the sum written out and
/// the smallest degree that fits, when it is too much.
[[nodiscard]] SplitMemory plan_feed_forward(const ModelShape& model, const Deployment& deployment,
                                            const MemorySettings& settings);

/// Devices that layers are laid out on share weights and activations evenly. Without `devices` the group has as few as
/// hold them. Throws InputError, with the sum written out and the number that it needs, when the given ones are too
/// few.
[[nodiscard]] SplitMemory plan_laid_out_feed_forward(const ModelShape& model, const Deployment& deployment,
                                                     const MemorySettings& settings,
                                                     std::optional<std::int64_t> devices);

}  // namespace memwall
