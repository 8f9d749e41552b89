// Numbers that must not be mixed up: each kind of id is a type of its own.
#pragma once

#include <compare>
#include <cstdint>

namespace memwall {

template <class Tag, class Integer>
struct Id {
  Integer value = 0;
  friend constexpr auto operator<=>(Id, Id) = default;
};

using RequestId = Id<struct RequestTag, std::int64_t>;  ///< position of the request in the merged arrival order
using PoolId = Id<struct PoolTag, std::int32_t>;        ///< position of the pool in the scenario
using ReplicaId = Id<struct ReplicaTag, std::int32_t>;  ///< position of the replica, counted over all pools

}  // namespace memwall
