// Which interconnects of the catalogue join a device, told by what their files say they join.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/scenario/catalogue.hpp"

namespace memwall::tools {

/// An interconnect as far as a choice between several needs it.
struct DeviceLinks {
  std::string id;
  std::int64_t most = 1;  ///< devices that it joins
};

/// The interconnects of the catalogue by the ids of the devices that they say they join, smallest first.
[[nodiscard]] std::map<std::string, std::vector<DeviceLinks>> links_by_device(
    const Catalogue& catalogue, const std::vector<std::string>& directories);

}  // namespace memwall::tools
