// The batch at which a decode stops waiting for memory and waits for arithmetic.
#pragma once

#include <cstdint>
#include <optional>

#include "sim/llm/cycle_pricer.hpp"

namespace memwall {

/// One token for each of `sequences`, of which each has `context` tokens with the new one.
[[nodiscard]] BatchShape decode_batch(const CyclePricer& program, std::int64_t sequences, std::int64_t context);

/// Critical seconds of a cycle in the device's memories (on-chip, stacked and large).
[[nodiscard]] Seconds memory_time(const Cost& cost);

/// The smallest batch of sequences with `context` tokens each whose cycle has more critical time in `compute` than in
/// the device's memories; nothing where no batch up to `most` has. Weights are read once for a batch and caches once
/// for each sequence of it, so short contexts have such a batch and long ones may have none. Bisection: what a batch
/// adds to arithmetic over what it adds to memory does not fall while it grows.
[[nodiscard]] std::optional<std::int64_t> turning_batch(const CyclePricer& program, std::int64_t context,
                                                        std::int64_t most);

}  // namespace memwall
