// A replica that serves equal requests for ever: what its cycles look like. docs/models/saturation.md has the
// derivation.
#pragma once

#include <span>

#include "sim/llm/batch_shape.hpp"

namespace memwall {

/// The mean request of a workload, in tokens.
struct MeanRequest {
  double input = 0;     ///< of the prompt
  double uncached = 0;  ///< of these, what the prefix cache does not hold; at least 1
  double output = 0;    ///< generated, at least 1

  /// Tokens in the cache, averaged over the life of a request.
  [[nodiscard]] double context() const { return input + output / 2; }
};

/// Every request takes its slot for the cycles that its prompt is computed in and for one cycle for each token after
/// the first. Requests and sequences are means over cycles and need not be whole.
struct SteadyState {
  double rate = 0;         ///< requests that start, and end, in a cycle
  double chunks = 1;       ///< cycles in which a prompt is computed
  double batch = 0;        ///< sequences that have a slot
  double mixed_share = 0;  ///< of the cycles, how many compute prompt tokens
};

/// At `rate` requests a cycle; `budget` is the most tokens that a cycle computes.
[[nodiscard]] SteadyState steady_at_rate(double rate, double budget, const MeanRequest& request);

/// The most requests a cycle that the budget of tokens sustains.
[[nodiscard]] double rate_of_budget(double budget, const MeanRequest& request);

/// The state in which `batch` sequences have a slot, or the one of the token budget where that allows fewer.
[[nodiscard]] SteadyState steady_at_batch(double batch, double budget, const MeanRequest& request);

/// A cycle in which all of the batch decodes, at the mean context; `padded` is left at 0.
[[nodiscard]] BatchShape decode_cycle(const SteadyState& state, const MeanRequest& request,
                                      std::span<const Reach> reaches);

/// A cycle with prompt tokens: those of one prompt at a time while prompts are rarer than cycles, else of several.
[[nodiscard]] BatchShape mixed_cycle(const SteadyState& state, const MeanRequest& request,
                                     std::span<const Reach> reaches);

/// The sequences of a mixed cycle that decode, alone.
[[nodiscard]] BatchShape decodes_of_mixed_cycle(const SteadyState& state, const MeanRequest& request,
                                                std::span<const Reach> reaches);

}  // namespace memwall
