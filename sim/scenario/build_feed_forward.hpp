// The second group of devices of a pool's replicas: what it holds, and what prices the two together.
#pragma once

#include <memory>

#include "sim/scenario/build.hpp"

namespace memwall {

/// `pool` has its engine's limits already. Throws InputError when the feed-forward parts do not fit, when the model has
/// none, or when the layout is not the device's.
[[nodiscard]] BuiltFeedForward build_feed_forward(const BuiltPool& pool, Deployment deployment,
                                                  std::shared_ptr<const DeviceModel> device,
                                                  std::shared_ptr<const Interconnect> interconnect);

}  // namespace memwall
