// The file of a device: the keys that every device has, then those of its mechanism.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "sim/hw/device.hpp"
#include "sim/hw/device_changes.hpp"

namespace memwall {

/// Reads the keys that every device file has: id, name, mechanism, memory, bandwidth, peak, power, money, energy.
/// Faults go to the reader. `provenance` is left to whoever reads the last key of the file.
[[nodiscard]] DeviceInfo read_device_info(Reader& reader);

/// Reads a memory that only some mechanisms have: an object with name, capacity and bandwidth.
[[nodiscard]] MemoryTier read_memory_tier(Reader& reader, std::string_view key, Tier tier, std::string_view doc);

/// Reads a whole device file with the mechanism that it names; nullptr where it names none of `mechanisms`, which is a
/// fault of the reader. `changes` are applied to what the file says; stacks are a fault where it has no package, a
/// factor on the price where it has no price.
[[nodiscard]] std::unique_ptr<DeviceModel> read_device(Reader& reader, std::span<const Mechanism> mechanisms,
                                                       const DeviceChanges& changes = {});

}  // namespace memwall
