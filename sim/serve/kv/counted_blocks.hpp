// Blocks without identity: how many are free, and no more, as long as no request can share a block with another.
#pragma once

#include <cstdint>
#include <list>

#include "sim/serve/kv/kv_cache.hpp"

namespace memwall {

/// Gives the same answers as BlockPool for requests whose tokens nobody else has. There, one thing alone depends on
/// which block is which: a preempted request finds those of its own blocks that were not handed out again before it
/// comes back. So the free list is kept as a few runs: blocks that nobody will ask for, and blocks that a preempted
/// request may.
class CountedBlocks final : public KvCache {
 public:
  /// `blocks` counts the null block; `block_size` in tokens.
  CountedBlocks(std::int64_t blocks, std::int64_t block_size, bool caching);

  [[nodiscard]] std::int64_t capacity() const override { return capacity_; }
  [[nodiscard]] std::int64_t free() const override { return free_; }
  [[nodiscard]] PrefixHit find_prefix(Sequence& sequence, std::int64_t tokens) override;
  void take_prefix(Sequence& sequence) override;
  void grow(Sequence& sequence, std::int64_t blocks) override;
  void grow_unnamed(std::int64_t blocks) override;
  void register_full(Sequence& sequence, std::int64_t tokens) override;
  void release(Sequence& sequence) override;
  [[nodiscard]] bool order_matters() const override { return false; }

 private:
  static constexpr std::int64_t nobody = -1;
  /// Neighbours in the free list. Of a wanted run, the blocks `high` down to `low` of its owner, in that order.
  struct Run {
    std::int64_t owner;
    std::int64_t high;
    std::int64_t low;
    [[nodiscard]] std::int64_t count() const { return high - low + 1; }
  };
  using Runs = std::list<Run>;
  [[nodiscard]] Runs::iterator find(std::int64_t owner, std::int64_t block);
  void push_front_unwanted(std::int64_t count);
  void push_back_unwanted(std::int64_t count);

  std::int64_t capacity_;
  std::int64_t block_size_;
  bool caching_;
  std::int64_t free_;
  Runs runs_;                ///< the free list from its head
  std::int64_t wanted_ = 0;  ///< runs in it that have an owner
  std::int64_t found_ = 0;   ///< blocks that the last find_prefix found
};

}  // namespace memwall
