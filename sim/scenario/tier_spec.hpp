// The keys of the memories below a pool's own, where its prefix cache goes on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/quantity.hpp"
#include "sim/base/reader.hpp"
#include "sim/base/tier.hpp"

namespace memwall {

struct KvTierSpec {
  std::string name;
  Tier kind = Tier::host_memory;
  Bytes capacity;  ///< of each replica, or of all of them where it is shared
  BytesPerSecond bandwidth;
  std::optional<BytesPerSecond> write_bandwidth;  ///< absent: as `bandwidth`
  Seconds latency;
  std::optional<Seconds> time_to_live;  ///< absent: until the room is needed
  bool shared = false;
  bool at_eviction = false;
};

/// What is written when, and what is loaded.
struct KvOffloadSpec {
  bool at_finish = false;
  bool when_faster = false;
  std::int64_t min_tokens = 1;
};

struct KvTiersSpec {
  std::vector<KvTierSpec> tiers;  ///< the nearest first; empty: the cache ends with the device's memory
  KvOffloadSpec offload;
};

/// Reads `kv_tiers` and `kv_offload` of a pool. Faults go to the reader.
[[nodiscard]] KvTiersSpec read_kv_tiers(Reader& pool);

}  // namespace memwall
