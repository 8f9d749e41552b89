// Blocks with identity, handled as extents: the same answers as BlockPool for work per run of blocks, not per block.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/serve/kv/hash_index.hpp"
#include "sim/serve/kv/kv_cache.hpp"

namespace memwall {

/// An extent is a number of consecutive blocks of one run of content (see content.hpp) that were filled together and
/// have the same holders. It is split where a hit or an eviction takes a part of it. Block numbers do not exist here:
/// of the free list only the order of contents matters, so blocks without content are a mere count in it.
///
/// Blocks whose content nobody else can have are told apart only when their owner is preempted and may come back for
/// them. While a sequence runs, the order in which sequences take blocks changes nothing.
class ExtentPool final : public KvCache {
 public:
  /// `blocks` counts the null block; `block_size` in tokens. Without `caching` no block is ever found again.
  ExtentPool(std::int64_t blocks, std::int64_t block_size, bool caching);

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
  using Id = std::int32_t;
  static constexpr Id none = -1;

  struct Extent {
    std::int64_t first = 0;  ///< number of its first block inside its run
    std::int64_t blocks = 0;
    std::int64_t holders = 0;
    Id run = none;                  ///< none: blocks in the free list that nobody can hit
    Id rest = none;                 ///< the part behind it when it was split last
    Id older = none, newer = none;  ///< in its run, in the order in which their blocks were filled
    Id before = 0, after = 0;       ///< in the free list; extent 0 is its anchor
    [[nodiscard]] std::int64_t end() const { return first + blocks; }
  };
  /// All extents of one run of content.
  struct Run {
    std::uint64_t name = 0;
    Id oldest = none, newest = none;
  };
  struct Found {
    Id extent;
    std::int64_t first;
    std::int64_t blocks;
  };

  [[nodiscard]] Extent& at(Id id) { return extents_[static_cast<std::size_t>(id)]; }
  [[nodiscard]] Run& run(Id id) { return runs_[static_cast<std::size_t>(id)]; }
  [[nodiscard]] Id new_extent();
  [[nodiscard]] Id add_to_run(std::uint64_t name, std::int64_t first, std::int64_t blocks);
  void remove_from_run(Id id);
  [[nodiscard]] Id split(Id id, std::int64_t blocks);
  [[nodiscard]] Id cut(Id id, std::int64_t first, std::int64_t blocks);
  [[nodiscard]] std::int64_t match(const Run& run, std::int64_t first, std::int64_t blocks);
  void unlink(Id id);
  void link_after(Id place, Id id);
  void free_without_content(Id neighbour, Id place, std::int64_t blocks);
  void release_own(Sequence& sequence);
  void release_shared(Sequence& sequence);

  std::int64_t capacity_;
  std::int64_t block_size_;
  bool caching_;
  std::int64_t free_;
  std::vector<Extent> extents_;
  std::vector<Id> unused_extents_;
  std::vector<Run> runs_;
  std::vector<Id> unused_runs_;
  HashIndex index_;           ///< from the name of a run to its place
  std::vector<Found> found_;  ///< by the last find_prefix
  std::vector<Id> parts_;     ///< scratch
};

}  // namespace memwall
