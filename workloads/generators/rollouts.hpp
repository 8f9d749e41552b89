// Batches of samples for reinforcement learning: prompts that are each answered several times, a training step when
// enough of them are, and then the next batch.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "sim/serve/source.hpp"
#include "workloads/generators/delays.hpp"
#include "workloads/generators/lengths.hpp"

namespace memwall {

struct RolloutOptions {
  std::int64_t batches = 1;
  std::int64_t prompts = 1;     ///< that a training step wants, with all their samples complete
  std::int64_t samples = 1;     ///< of each prompt
  std::int64_t oversample = 1;  ///< prompts that are sent at a time, at least `prompts`
  double accepted = 1;          ///< of complete prompts, how many can be trained on; more are sent for the others
  Lengths lengths;              ///< of prompts, and of responses as long as nothing cuts them
  std::int64_t cap = 1;         ///< tokens at which a response ends at the latest
  /// Samples that are cut off go on in the next batch from where they were, and a batch cuts each at so many tokens.
  std::optional<std::int64_t> partial_tokens;
  Delay update;  ///< from the end of a batch to the start of the next: training and new weights
};

/// All samples of a batch are sent at once. It ends when `prompts` of them are complete and accepted, and what is under
/// way then is cancelled; or when nothing is under way any more. Weights change between batches, so no token of one
/// batch equals a token of another. Draws depend on (seed, workload, prompt, sample) alone. Memory grows with the
/// prompts under way and carried over.
[[nodiscard]] std::unique_ptr<RequestSource> rollout_requests(const RolloutOptions& options,
                                                              const SourceContext& context);

/// Reads the keys of source kind `rollouts`.
[[nodiscard]] std::function<std::unique_ptr<RequestSource>(const SourceContext&)> read_rollout_source(Reader& reader);

}  // namespace memwall
