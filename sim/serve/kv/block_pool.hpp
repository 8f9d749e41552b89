// Blocks with identity: vLLM V1's pool, block by block (free list, prefix hashes, eviction order).
#pragma once

#include <cstdint>
#include <vector>

#include "sim/serve/kv/hash_index.hpp"
#include "sim/serve/kv/kv_cache.hpp"

namespace memwall {

/// The rules (vLLM `block_pool.py`, `kv_cache_manager.py`; golden cases G1 to G4):
/// block 0 is the null block; the free list is a queue that starts as 1, 2, 3 ...; blocks are handed out from its head;
/// a request gives its blocks back last first, those without a hash to the front of the queue and those with one to the
/// back; a block keeps its hash until it is handed out again; a hit takes it out of the queue.
class BlockPool final : public KvCache {
 public:
  /// `blocks` counts the null block; `block_size` in tokens. Without `caching` no block ever gets a hash.
  BlockPool(std::int64_t blocks, std::int64_t block_size, bool caching);

  [[nodiscard]] std::int64_t capacity() const override { return static_cast<std::int64_t>(blocks_.size()) - 1; }
  [[nodiscard]] std::int64_t free() const override { return free_; }
  [[nodiscard]] PrefixHit find_prefix(Sequence& sequence, std::int64_t tokens) override;
  void take_prefix(Sequence& sequence) override;
  void grow(Sequence& sequence, std::int64_t blocks) override;
  void grow_unnamed(std::int64_t) override;
  void register_full(Sequence& sequence, std::int64_t tokens) override;
  void release(Sequence& sequence) override;

 private:
  struct Block {
    std::uint64_t hash = 0;
    std::int32_t holders = 0;
    std::int32_t before = 0;  ///< in the free list; block 0 is its anchor
    std::int32_t after = 0;
    std::int32_t twin = -1;  ///< next block with the same hash, in order of registration
    bool hashed = false;
  };
  [[nodiscard]] Block& at(std::int32_t id) { return blocks_[static_cast<std::size_t>(id)]; }
  void unlink(std::int32_t id);
  void link_after(std::int32_t place, std::int32_t id);
  void forget(std::int32_t id);

  std::vector<Block> blocks_;
  HashIndex index_;
  std::int64_t block_size_;
  std::int64_t free_ = 0;
  bool caching_;
  std::vector<std::int32_t> found_;  ///< by the last find_prefix
};

}  // namespace memwall
