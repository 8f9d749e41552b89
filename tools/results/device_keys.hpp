// Keys of a pool that mean nothing once it stands on another device.
#pragma once

#include <array>
#include <string_view>

namespace memwall::tools {

/// Numbers of the device, its package, power and price, and how weights lie on it. How a replica divides the model has
/// keys of its own, which whoever moves a pool chooses anew.
inline constexpr std::array<std::string_view, 7> device_keys = {"weights", "count",   "package",      "power_cap",
                                                                "cost",    "what_if", "device_values"};

}  // namespace memwall::tools
