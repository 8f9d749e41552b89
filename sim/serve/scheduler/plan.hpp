// What a scheduler decided for one cycle.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/tier.hpp"
#include "sim/serve/request.hpp"

namespace memwall {

using Slot = std::int32_t;  ///< place of a sequence inside its engine; reused after the sequence has ended

/// One sequence's part in a cycle.
struct Scheduled {
  Slot slot = 0;
  std::int32_t tokens = 0;        ///< drafts included
  std::int32_t drafts = 0;
  bool samples = false;           ///< the cycle ends with a new token of this sequence
  std::int64_t before = 0;        ///< tokens in the cache before the cycle
  RequestId request;              ///< tells whether the slot still belongs to the sequence when the result comes
};

struct Admission {
  Slot slot = 0;
  std::int64_t computed = 0;      ///< tokens that were in the cache at that moment: prefix hits and loaded tokens
  bool resumed = false;           ///< after a preemption
};

/// Sums over a cycle's batch: all that its price depends on. Counts of tokens and sequences.
struct BatchShape {
  std::int64_t tokens = 0;              ///< rows of the batch
  std::int64_t padded = 0;              ///< rows that the kernels run
  std::int64_t sampled = 0;             ///< sequences that get a token
  std::int64_t decode_sequences = 0;
  std::int64_t decode_tokens = 0;       ///< their rows: one each without speculation
  std::int64_t decode_context = 0;      ///< keys that they read
  std::int64_t prefill_tokens = 0;
  std::int64_t prefill_pairs = 0;       ///< (query, key) pairs under the causal mask
  std::int64_t prefill_context = 0;     ///< keys that the chunks read

  [[nodiscard]] Phase phase() const {
    if (prefill_tokens == 0) return Phase::decode;
    return decode_tokens == 0 ? Phase::prefill : Phase::mixed;
  }
};

/// The plan of one cycle. Vectors are reused from cycle to cycle.
struct Plan {
  std::vector<Scheduled> batch;         ///< in batch order
  std::vector<Admission> admitted;
  std::vector<Slot> preempted;          ///< in the order in which it happened
  BatchShape shape;
  Limit limit = Limit::no_demand;       ///< what kept the batch from growing
  bool steady = false;                  ///< the predecessor advanced by one: the same sequences, one decode token each

  void clear() {
    batch.clear();
    admitted.clear();
    preempted.clear();
    shape = {};
    limit = Limit::no_demand;
    steady = false;
  }
  [[nodiscard]] bool empty() const { return batch.empty(); }
};

}  // namespace memwall
