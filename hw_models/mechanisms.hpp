// The table of mechanisms: the classes of device that a device file can name.
#pragma once

#include <span>

#include "sim/hw/device.hpp"

namespace memwall {

/// Every mechanism that this build knows, in the order of the catalogue. A new one is a new row here.
[[nodiscard]] std::span<const Mechanism> mechanisms();

}  // namespace memwall
