// What a router remembers of the contents that it has sent to each replica.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/serve/kv/hash_index.hpp"
#include "sim/serve/request.hpp"

namespace memwall {

/// For each replica the runs of content (see kv/content.hpp) that went there, the one longest unused forgotten first
/// when they come to more blocks than a replica is believed to keep. Exact in contents, not in what the engines keep:
/// it hears nothing of evictions. Work per request is in runs, not in blocks.
class PrefixIndex {
 public:
  /// `blocks` are kept for each replica; `block_size` in tokens. Both at least 1.
  PrefixIndex(std::int32_t replicas, std::int64_t block_size, std::int64_t blocks);

  /// Full blocks from the start of the prompt that went to the replica before.
  [[nodiscard]] std::int64_t match(std::int32_t replica, const Request& request) const;
  /// The first `tokens` tokens of the request, its prompt and maybe its answer, are at the replica from now on.
  void note(std::int32_t replica, const Request& request, std::int64_t tokens);

 private:
  struct Entry {
    std::uint64_t run = 0;
    std::int64_t blocks = 0;  ///< of the run, from its first one
    std::int32_t before = 0;  ///< by last use; entry 0 is the anchor, and the longest unused stands behind it
    std::int32_t after = 0;
  };
  struct Replica {
    HashIndex index{64};
    std::vector<Entry> entries{1};
    std::vector<std::int32_t> unused;
    std::int64_t blocks = 0;
  };
  static void unlink(Replica& replica, std::int32_t id);
  static void link_last(Replica& replica, std::int32_t id);
  void forget_oldest(Replica& replica) const;

  std::vector<Replica> replicas_;
  std::int64_t block_size_;
  std::int64_t limit_;
};

}  // namespace memwall
