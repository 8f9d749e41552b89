// The table of mechanisms: the classes of device that a device file can name.
#pragma once

#include <span>

#include "sim/base/embedded.hpp"
#include "sim/hw/device.hpp"

namespace memwall {

/// Every mechanism that this build knows, in the order of the catalogue. A new one is a new row here.
[[nodiscard]] std::span<const Mechanism> mechanisms();

/// The catalogue that the program carries: a file a device, a file an interconnect, a file a topology.
[[nodiscard]] std::span<const EmbeddedFile> device_files();
[[nodiscard]] std::span<const EmbeddedFile> interconnect_files();
[[nodiscard]] std::span<const EmbeddedFile> topology_files();
[[nodiscard]] std::span<const EmbeddedFile> rack_files();

}  // namespace memwall
