// What the devices of a pool cost: rent or purchase, and the power that their owner pays for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/base/basis.hpp"
#include "sim/base/error.hpp"
#include "sim/base/reader.hpp"
#include "sim/hw/device_info.hpp"

namespace memwall {

/// Key `cost` of a pool. What is absent is as the device's file has it.
struct CostKeys {
  std::optional<DollarsPerSecond> price;  ///< rent of one device
  std::optional<Dollars> purchase;        ///< in place of a rent: price of one device
  double years = 0;                       ///< of use, with `purchase`
  std::optional<DollarsPerJoule> electricity;
  std::optional<double> pue;  ///< power of the building over power of its devices

  [[nodiscard]] bool any() const { return price || purchase || electricity || pue; }
};

[[nodiscard]] CostKeys read_cost(Reader& reader);

/// What one device costs. Power is paid for by those who bought a device, and by renters whose scenario says so.
struct DevicePrice {
  DollarsPerSecond capital;  ///< rent, or the purchase spread evenly over the years of use
  bool bought = false;
  std::optional<DollarsPerJoule> electricity;  ///< absent: power is part of the rent
  double pue = 1;
  Basis basis = Basis::placeholder;  ///< the weakest of its numbers; what a scenario says counts as an estimate
};

/// Nothing where neither the scenario nor the device's file has a price. Throws InputError, with `pool` in its words,
/// where the keys contradict the file or each other.
[[nodiscard]] std::optional<DevicePrice> device_price(const CostKeys& keys, const DeviceInfo& info,
                                                      const std::string& pool);

}  // namespace memwall
