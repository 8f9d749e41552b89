// Routes: which pools take which requests.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "sim/base/ids.hpp"
#include "sim/serve/router/prefix_index.hpp"
#include "sim/serve/router/router.hpp"

namespace memwall {

/// Replicas among which one router chooses.
struct Choosers {
  std::vector<ReplicaId> replicas;
  std::unique_ptr<Router> router;
};

/// The first route that accepts a request takes it.
struct RequestRoute {
  std::function<bool(const Request&)> accepts;  ///< empty: everything
  Choosers entry;                               ///< where requests go first
  Choosers decode;                              ///< where they go on; without replicas: where they are
};

}  // namespace memwall
