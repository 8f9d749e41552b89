// What a scheduler decided for one cycle.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/tier.hpp"
#include "sim/llm/batch_shape.hpp"
#include "sim/serve/request.hpp"

namespace memwall {

using Slot = std::int32_t;  ///< place of a sequence inside its engine; reused after the sequence has ended

/// One sequence's part in a cycle.
struct Scheduled {
  Slot slot = 0;
  std::int32_t tokens = 0;  ///< drafts included
  std::int32_t drafts = 0;
  bool samples = false;     ///< the cycle ends with a new token of this sequence
  std::int64_t before = 0;  ///< tokens in the cache before the cycle
  RequestId request;        ///< tells whether the slot still belongs to the sequence when the result comes
};

struct Admission {
  Slot slot = 0;
  std::int64_t computed = 0;  ///< tokens that were in the cache at that moment: prefix hits and loaded tokens
  bool resumed = false;       ///< after a preemption
};

/// A sequence that got its blocks and now waits until a part of its prompt has been loaded into them.
struct Loading {
  Slot slot = 0;
  std::int64_t tokens = 0;  ///< to be loaded; 0: all that could be loaded was in the cache
};

/// The plan of one cycle. Vectors are reused from cycle to cycle.
struct Plan {
  std::vector<Scheduled> batch;  ///< in batch order; without the `decoders`
  std::int64_t decoders = 0;     ///< sequences that decode in step and are not listed one by one
  std::vector<Admission> admitted;
  std::vector<Loading> loading;
  std::vector<Slot> preempted;  ///< in the order in which it happened
  BatchShape shape;
  Limit limit = Limit::no_demand;  ///< what kept the batch from growing
  bool steady = false;             ///< the predecessor advanced by one: the same sequences, one decode token each

  void clear() {
    batch.clear();
    decoders = 0;
    admitted.clear();
    loading.clear();
    preempted.clear();
    shape = {};
    limit = Limit::no_demand;
    steady = false;
  }
  [[nodiscard]] bool empty() const { return batch.empty() && decoders == 0; }
  [[nodiscard]] std::int64_t sequences() const { return static_cast<std::int64_t>(batch.size()) + decoders; }
};

}  // namespace memwall
