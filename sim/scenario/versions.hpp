// Which inputs a result rests on, as hashes: what tells a change of the scenario from one of the data or of the code.
#pragma once

#include <set>
#include <string>

#include "sim/config/json.hpp"

namespace memwall {

/// Hash of a scenario with its fallbacks, 16 hex digits. The order of keys and the layout of the file do not matter.
[[nodiscard]] std::string scenario_version(const json::Node& resolved);

/// Hash of the texts of the files of devices, links and models that a scenario uses, 16 hex digits.
[[nodiscard]] std::string data_version(const std::set<std::string>& texts);

}  // namespace memwall
