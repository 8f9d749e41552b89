// What a scenario changes about a device of the catalogue before it is built.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace memwall {

struct DeviceChanges {
  std::optional<std::int64_t> hbm_stacks;     ///< of its package; absent: as its file says
  double memory = 1;                          ///< factor on the capacity of the memory that holds weights and caches
  double price = 1;                           ///< factor on the price of its file
  std::map<std::string, std::string> values;  ///< by JSON pointer of a number of its file: what it is in place of that
};

}  // namespace memwall
