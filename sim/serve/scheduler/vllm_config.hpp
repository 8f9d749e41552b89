// The settings of vLLM's V1 scheduler, with vLLM's own names.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/llm/reach.hpp"

namespace memwall {

enum class QueuePolicy : std::uint8_t { fcfs, priority };

struct VllmConfig {
  std::int64_t block_size = 16;      ///< tokens in a KV block
  std::int64_t num_blocks = 0;       ///< with the null block, which nobody can use
  std::int64_t max_num_seqs = 1024;  ///< running sequences at most
  std::int64_t max_num_batched_tokens = 8192;
  std::int64_t max_model_len = 0;  ///< prompt and generated tokens at most
  bool enable_prefix_caching = true;
  bool enable_chunked_prefill = true;
  double watermark = 0;  ///< share of the blocks that an admission beside running sequences leaves free
  bool scheduler_reserve_full_isl = true;         ///< admit only when the whole prompt would fit now
  std::int64_t long_prefill_token_threshold = 0;  ///< tokens of one sequence in a cycle at most; 0 = off
  QueuePolicy policy = QueuePolicy::fcfs;
  bool async_scheduling = true;  ///< cycle n+1 is planned when cycle n starts
  std::int64_t pipeline_parallel_size = 1;
  std::int64_t num_speculative_tokens = 0;
  std::int64_t num_lookahead_tokens = 0;  ///< KV slots kept beyond the scheduled tokens for a drafter

  // What the model brings, and no key of the engine:
  std::int64_t sequence_blocks = 0;  ///< blocks that each running sequence takes for constant states and full windows
  std::vector<Reach> reaches;        ///< limited reaches of its attention, in the order of the price program

  /// Batches that may be planned before the oldest one's result is read.
  [[nodiscard]] std::int64_t batches_in_flight() const {
    if (pipeline_parallel_size > 1) return pipeline_parallel_size + (async_scheduling ? 1 : 0);
    return async_scheduling ? 2 : 1;
  }
};

}  // namespace memwall
