// Numbers of a device that a scenario states in place of the device's file: what a range is explored with.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/base/reader.hpp"
#include "sim/config/json_reader.hpp"

namespace memwall {

/// By JSON pointer of a number with its source, "/bandwidth": the text that stands in place of its "value".
using DeviceValues = std::map<std::string, std::string>;

/// Reads `device_values` of a pool or of the second group of its devices. Faults go to the reader.
[[nodiscard]] DeviceValues read_device_values(Reader& reader);

/// A number of a device's file with the range that it is known within, as the file writes them.
struct RangedValue {
  std::string pointer;
  std::string value;
  std::string basis;
  std::string low;  ///< empty, as `high` is: no range
  std::string high;
};

/// Every number with its source, in the order of the file.
[[nodiscard]] std::vector<RangedValue> ranged_values(const json::Node& device);

/// Puts the values into the document of a device. What is put in has the scenario as its source, the basis of an
/// estimate at best, and no range. Throws InputError, with the nearest pointers, for each that is no such number.
void apply_device_values(Document& device, const DeviceValues& values);

}  // namespace memwall
