// The KV cache of one engine as its scheduler sees it: blocks that are taken, shared and given back.
#pragma once

#include <cstdint>

#include "sim/serve/sequence.hpp"

namespace memwall {

/// A prefix found in the cache.
struct PrefixHit {
  std::int64_t blocks = 0;  ///< full blocks from the start of the sequence
  std::int64_t unheld = 0;  ///< of these, how many nobody holds: they leave the free blocks when they are taken
};

/// Blocks of a fixed number of tokens. All-or-nothing: the scheduler asks `free()` before it takes.
class KvCache {
 public:
  virtual ~KvCache() = default;

  [[nodiscard]] virtual std::int64_t capacity() const = 0;  ///< usable blocks
  [[nodiscard]] virtual std::int64_t free() const = 0;  ///< blocks that nobody holds, whether or not they can be hit

  /// The longest run of cached full blocks from the start of the sequence within its first `tokens` tokens. The answer
  /// is remembered for the `take_prefix` that may follow at once.
  [[nodiscard]] virtual PrefixHit find_prefix(Sequence& sequence, std::int64_t tokens) = 0;
  /// Holds the blocks that `find_prefix` just found.
  virtual void take_prefix(Sequence& sequence) = 0;
  /// Takes `blocks` free blocks for the sequence, from the head of the free list.
  virtual void grow(Sequence& sequence, std::int64_t blocks) = 0;
  /// Takes free blocks without saying for whom; only where it does not matter who takes a block first.
  virtual void grow_unnamed(std::int64_t blocks) = 0;
  /// The first `tokens` tokens of the sequence are known and have blocks: full ones can be hit from now on.
  virtual void register_full(Sequence& sequence, std::int64_t tokens) = 0;
  /// Gives all blocks back, last one first.
  virtual void release(Sequence& sequence) = 0;
  /// Whether it can matter which sequence takes a block first.
  [[nodiscard]] virtual bool order_matters() const { return true; }
};

}  // namespace memwall
