// What the price of a cycle depends on: sums over its batch.
#pragma once

#include <cstdint>

#include "sim/base/tier.hpp"

namespace memwall {

/// Sums over a cycle's batch: all that its price depends on. Counts of tokens and sequences.
struct BatchShape {
  std::int64_t tokens = 0;   ///< rows of the batch
  std::int64_t padded = 0;   ///< rows that the kernels run
  std::int64_t sampled = 0;  ///< sequences that get a token
  std::int64_t decode_sequences = 0;
  std::int64_t decode_tokens = 0;   ///< their rows: one each without speculation
  std::int64_t decode_context = 0;  ///< keys that they read
  std::int64_t prefill_tokens = 0;
  std::int64_t prefill_pairs = 0;    ///< (query, key) pairs under the causal mask
  std::int64_t prefill_context = 0;  ///< keys that the chunks read

  /// Adds one sequence that computes `count` tokens behind `before` cached ones.
  void add(std::int64_t before, std::int64_t count, bool samples, bool decodes) {
    tokens += count;
    if (samples) ++sampled;
    if (decodes) {
      ++decode_sequences;
      decode_tokens += count;
      decode_context += before + count;
    } else {
      prefill_tokens += count;
      prefill_pairs += count * before + count * (count + 1) / 2;
      prefill_context += before + count;
    }
  }

  /// The same batch `cycles` cycles later, when every sequence of it decodes one token a cycle.
  [[nodiscard]] BatchShape advanced(std::int64_t cycles) const {
    BatchShape later = *this;
    later.decode_context += cycles * decode_sequences;
    return later;
  }
  [[nodiscard]] Phase phase() const {
    if (prefill_tokens == 0) return Phase::decode;
    return decode_tokens == 0 ? Phase::prefill : Phase::mixed;
  }
};

}  // namespace memwall
