// Whether so many chips can be one scale-up domain: power, cooling, cables, connectors, reach.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/basis.hpp"
#include "sim/base/quantity.hpp"
#include "sim/base/reader.hpp"
#include "sim/hw/topology.hpp"

namespace memwall {

/// A rack design and what it may hold. Rates are of one direction.
struct RackDesign {
  std::string id, name;
  std::int64_t chips_per_rack = 1;
  Sourced<Watts> chip_power;
  Sourced<double> overhead;  ///< rack power over that of its chips: hosts, switches, cards, conversion, fans
  std::int64_t links_per_chip = 1;
  std::int64_t pairs_per_link = 4;  ///< differential pairs, both directions; copper cables have one each
  Sourced<BytesPerSecond> link_rate;
  Sourced<BytesPerSecond> lane_rate;  ///< of one pair
  Sourced<Metres> length_in_rack;     ///< of the longest cable while everything is in one rack
  Sourced<Metres> rack_pitch;         ///< further length for each rack beyond the first
  Sourced<Metres> row_overhead;       ///< up and down, where a cable leaves its rack
  Sourced<double> cables_in_reach;    ///< that can be laid within one rack
  Sourced<double> pairs_per_rack;     ///< that the connectors of a rack hold
  Sourced<Watts> power_limit;         ///< of one rack
  Sourced<Watts> air_limit;           ///< of one rack without liquid
  bool liquid = true;
  Sourced<Quantity<Dimension{.data = -1, .energy = 1}>> optics_energy;  ///< both ends of a link
  Sourced<Dollars> optics_price;                                        ///< of the modules of one link
  /// Longest copper by rate of a lane, rising rates and falling lengths.
  struct Reach {
    BytesPerSecond lane;
    Metres longest;
  };
  std::vector<Reach> reach;
};
[[nodiscard]] RackDesign read_rack(Reader& reader, std::string id);

/// One limit: what is used and what there is, in one unit. Binds where the ratio is above 1.
struct RackLimit {
  std::string_view name;
  double used = 0;
  double available = 0;
  std::string_view unit;
  [[nodiscard]] double ratio() const { return used / available; }
};

struct RackCheck {
  std::int64_t racks = 1;
  Watts rack_power;    ///< of a full rack, optics included
  Watts optics_power;  ///< of the whole domain
  Dollars optics_price;
  double cables = 0;
  Metres longest_cable;
  std::vector<RackLimit> limits;  ///< the tightest first

  [[nodiscard]] bool feasible() const { return limits.front().ratio() <= 1; }
  /// Names of the limits that are passed, the tightest first; empty where it is feasible.
  [[nodiscard]] std::vector<std::string_view> broken() const;
};

/// A domain of `chips` with copper or optics between chips and switches. Throws LogicError for no chips.
[[nodiscard]] RackCheck check(const RackDesign& rack, std::int64_t chips, Medium medium);
/// The largest feasible domain up to `most`, in whole racks beyond the first; 0 where not even one chip is.
[[nodiscard]] std::int64_t largest_domain(const RackDesign& rack, Medium medium, std::int64_t most);

}  // namespace memwall
