// The same device with one tier made faster or slower: the counterfactual of the laws of attribution.
#pragma once

#include <memory>

#include "sim/hw/device.hpp"

namespace memwall::test {

/// All times that belong to `tier` multiplied by `factor`. A device that has no time on the tier comes back as it is,
/// so that a law which expects such time to shrink breaks on it.
inline std::shared_ptr<const DeviceModel> with_tier_times(const std::shared_ptr<const DeviceModel>& device, Tier tier,
                                                          double factor) {
  auto changed = device->with_speed(tier, 1 / factor);
  return changed ? changed : device;
}

}  // namespace memwall::test
