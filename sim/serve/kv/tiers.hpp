// The tiers below the device's memory, as one replica sees them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/serve/kv/tier_store.hpp"
#include "sim/serve/request.hpp"

namespace memwall {

/// One tier of a pool.
struct TierSetup {
  std::string name;
  Tier kind = Tier::host_memory;  ///< whose time it is while requests wait for it
  std::int64_t blocks = 0;        ///< that it holds, of each replica or of all; at least 1
  BytesPerSecond read;
  BytesPerSecond write;
  Duration latency;
  Duration time_to_live;
  bool shared = false;       ///< one for all replicas of the pool
  bool at_eviction = false;  ///< takes what the tier above loses; else all that the tier above gets
};

/// All tiers of a pool, the nearest first; empty: none.
struct TiersSetup {
  std::vector<TierSetup> tiers;
  bool at_finish = false;         ///< the nearest one is written when a request ends; else after each chunk of a prompt
  bool when_faster = false;       ///< a prefix is loaded only where that takes less time than to compute it
  std::int64_t least_tokens = 1;  ///< shorter prefixes are computed
};

/// A part of a prefix and the level that has it, 0 being the nearest.
struct TierPart {
  std::size_t level = 0;
  RunPiece piece;
};

/// The longest contiguous run of blocks of the prompt behind its first `first` ones, up to `last`, that the stores can
/// give together, each block from the nearest level that has it.
[[nodiscard]] std::vector<TierPart> find_in_tiers(const std::vector<const TierStore*>& levels, const Request& request,
                                                  std::int64_t block_size, std::int64_t first, std::int64_t last,
                                                  Time now);

/// The full blocks among the first `tokens` tokens whose content others may have, as pieces of runs.
[[nodiscard]] std::vector<RunPiece> shareable_blocks(const Request& request, std::int64_t block_size,
                                                     std::int64_t tokens);

}  // namespace memwall
