// The same scenario on another device, with as few devices as hold its model.
#pragma once

#include <string>

#include "tools/compare/sheet.hpp"

namespace memwall::tools::compare {

/// The sheet with every pool on `device`, an id of the catalogue. What belongs to the device before (its count, links,
/// batch limits, price, power, second group) is left out, so that the defaults of the new one hold; the devices of a
/// replica are the smallest power of two that runs, or on machines that layers are laid out on as few as fit. A sheet
/// whose pools are on that device already is answered as it is. What was changed is in `adapted`; a device that no
/// count runs on is a refusal. Throws InputError for an unknown device.
[[nodiscard]] Sheet on_device(const Sheet& sheet, const std::string& device, const Catalogue& catalogue);

/// The sheet with as few of its own device as hold its model; as it is where its pools are on different devices or on
/// one of a file of the user's.
[[nodiscard]] Sheet refitted(const Sheet& sheet, const Catalogue& catalogue);

/// The device of all pools; empty where they differ or one has a second group of devices.
[[nodiscard]] std::string only_device(const Sheet& sheet);

}  // namespace memwall::tools::compare
