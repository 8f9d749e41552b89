// What the price of a cycle depends on: sums over its batch.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include "sim/base/tier.hpp"
#include "sim/llm/reach.hpp"

namespace memwall {

/// Distinct limited reaches that one model may have. Published models have at most two.
inline constexpr std::size_t most_reaches = 4;

/// The sums over a batch that depend on how far attention reaches.
struct ReachSum {
  std::int64_t decode_context = 0;                                  ///< keys that decoding sequences attend to
  std::int64_t growing = 0;                                         ///< keys more in the next cycle
  std::int64_t horizon = std::numeric_limits<std::int64_t>::max();  ///< cycles for which that growth stays the same
  std::int64_t prefill_pairs = 0;
  std::int64_t prefill_context = 0;

  void add_decode(Reach reach, std::int64_t context) {
    const ReachPiece piece = reach_piece(reach, context);
    decode_context += reached(reach, context);
    growing += piece.grows ? 1 : 0;
    horizon = std::min(horizon, piece.cycles);
  }
};

/// Sums over a cycle's batch: all that its price depends on. Counts of tokens and sequences.
struct BatchShape {
  std::int64_t tokens = 0;   ///< rows of the batch
  std::int64_t padded = 0;   ///< rows that the kernels run
  std::int64_t sampled = 0;  ///< sequences that get a token
  std::int64_t decode_sequences = 0;
  std::int64_t decode_tokens = 0;   ///< their rows: one each without speculation
  std::int64_t decode_context = 0;  ///< keys that they read
  std::int64_t prefill_sequences = 0;
  std::int64_t prefill_tokens = 0;
  std::int64_t prefill_pairs = 0;                ///< (query, key) pairs under the causal mask
  std::int64_t prefill_context = 0;              ///< keys that the chunks read
  std::array<ReachSum, most_reaches> reaches{};  ///< one for each limited reach of the model, in the model's order

  /// Adds one sequence that computes `count` tokens behind `before` cached ones.
  void add(std::int64_t before, std::int64_t count, bool samples, bool decodes, std::span<const Reach> limited = {}) {
    tokens += count;
    if (samples) ++sampled;
    if (decodes) {
      ++decode_sequences;
      decode_tokens += count;
      decode_context += before + count;
      for (std::size_t i = 0; i < limited.size(); ++i) reaches[i].add_decode(limited[i], before + count);
    } else {
      ++prefill_sequences;
      prefill_tokens += count;
      prefill_pairs += count * before + count * (count + 1) / 2;
      prefill_context += before + count;
      for (std::size_t i = 0; i < limited.size(); ++i) {
        reaches[i].prefill_pairs += reached_pairs(limited[i], before, count);
        reaches[i].prefill_context += keys_read(limited[i], before, count);
      }
    }
  }

  /// The same batch `cycles` cycles later, when every sequence of it decodes one token a cycle. Beyond the horizon of a
  /// limited reach its sums do not hold; who goes there counts them anew.
  [[nodiscard]] BatchShape advanced(std::int64_t cycles) const {
    BatchShape later = *this;
    later.decode_context += cycles * decode_sequences;
    for (ReachSum& sum : later.reaches) {
      sum.decode_context += cycles * sum.growing;
      if (sum.horizon != std::numeric_limits<std::int64_t>::max()) sum.horizon -= cycles;
    }
    return later;
  }
  [[nodiscard]] Phase phase() const {
    if (prefill_tokens == 0) return Phase::decode;
    return decode_tokens == 0 ? Phase::prefill : Phase::mixed;
  }
};

}  // namespace memwall
