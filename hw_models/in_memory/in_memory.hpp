// Memories that compute: in their arrays, or in their banks.
#pragma once

#include <memory>

#include "sim/hw/device.hpp"

namespace memwall {

/// Reads a device of this mechanism; key "style" says which of the two it is. Faults go to the reader.
[[nodiscard]] std::unique_ptr<DeviceModel> make_in_memory(Reader& reader, DeviceInfo info);

}  // namespace memwall
