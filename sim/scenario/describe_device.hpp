// The figures of a device that `memwall device` prints.
#pragma once

#include <optional>
#include <string>

#include "sim/config/json_writer.hpp"
#include "sim/hw/device.hpp"

namespace memwall {

/// Tokens in a batch at which arithmetic takes as long as reading the weights, both at their peaks: peak x bytes per
/// weight / (2 x bandwidth). Each weight is read once for the batch and costs a multiplication and an addition for each
/// token. Absent where the device has no rate for products in `compute`.
[[nodiscard]] std::optional<double> ridge_batch(const DeviceInfo& info, Precision weights, Precision compute);

/// Time to read all of the memory once: no cycle that uses everything the memory holds can be shorter.
[[nodiscard]] Seconds drain_time(const DeviceInfo& info);

/// A time with a fitting unit, four significant digits: "23.88 ms".
[[nodiscard]] std::string duration_text(Seconds seconds);
/// "bf16 295, fp8 295": the ridge batch of every format with units of its own.
[[nodiscard]] std::string ridge_summary(const DeviceInfo& info);
/// "HBM3 25.39 ms": the drain time of every memory.
[[nodiscard]] std::string drain_summary(const DeviceInfo& info);

/// Rows of a table of the numbers that something rests on, those that stand on the weakest ground first.
[[nodiscard]] std::string provenance_table(std::vector<Provenance> entries);

/// The device for a terminal.
[[nodiscard]] std::string device_text(const DeviceInfo& info);
void write_device(JsonWriter& json, const DeviceInfo& info);

}  // namespace memwall
