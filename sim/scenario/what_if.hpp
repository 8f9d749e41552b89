// What a scenario changes about the machines of the catalogue, as factors: "what if its memory were twice as fast?"
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/base/reader.hpp"
#include "sim/base/tier.hpp"
#include "sim/hw/device_changes.hpp"
#include "sim/hw/interconnect.hpp"

namespace memwall {

/// Factors on a group of devices and its links; 1 and absent keys change nothing.
struct WhatIf {
  double memory_capacity = 1;
  double price = 1;
  std::map<Tier, double> speed;  ///< by tier, how many times as fast; without those that are 1

  /// The part that a device takes when it is read.
  [[nodiscard]] DeviceChanges of_device(std::optional<std::int64_t> hbm_stacks = {}) const {
    return {hbm_stacks, memory_capacity, price, {}};
  }
  /// 1 for tiers that nothing is said of.
  [[nodiscard]] double speed_of(Tier tier) const {
    const auto found = speed.find(tier);
    return found == speed.end() ? 1 : found->second;
  }
};

/// One key of `what_if`.
struct WhatIfKey {
  std::string_view name;
  std::string_view doc;
  std::optional<Tier> tier;  ///< whose time it divides; absent: a capacity or a price
};

/// In the order in which they are documented.
[[nodiscard]] std::span<const WhatIfKey> what_if_keys();

/// The keys that change something, with their factors.
[[nodiscard]] std::vector<std::pair<std::string_view, double>> changed_keys(const WhatIf& what_if);

/// Reads the object. Faults go to the reader.
[[nodiscard]] WhatIf read_what_if(Reader& reader);

/// The links with the speeds of their tiers; the same links where nothing is said of them.
[[nodiscard]] std::shared_ptr<const Interconnect> with_speeds(std::shared_ptr<const Interconnect> links,
                                                              const WhatIf& what_if);

}  // namespace memwall
