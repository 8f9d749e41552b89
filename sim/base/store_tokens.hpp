// Tokens of caches by the memory below the device's own that they were loaded from.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "sim/base/tier.hpp"

namespace memwall {

/// Memories below the device's own that caches can be loaded from, in tier order.
inline constexpr std::array cache_stores = {Tier::host_memory, Tier::nvme, Tier::object_store, Tier::disk};

/// Tokens by the store that they were loaded from, in the order of `cache_stores`.
using StoreTokens = std::array<std::int64_t, cache_stores.size()>;

/// Position in StoreTokens of a tier of `cache_stores`.
constexpr std::size_t store_index(Tier tier) {
  std::size_t position = 0;
  while (position + 1 < cache_stores.size() && cache_stores[position] != tier) ++position;
  return position;
}

}  // namespace memwall
