// Which number formats a device multiplies.
#pragma once

#include "sim/hw/device_info.hpp"

namespace memwall {

/// The native format with the lowest peak: the widest one, into which formats without units of their own are converted.
/// Throws LogicError where the device has none.
[[nodiscard]] Precision slowest_native_format(const DeviceInfo& info);

}  // namespace memwall
