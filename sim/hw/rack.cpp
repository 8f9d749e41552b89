#include "sim/hw/rack.hpp"

#include <algorithm>
#include <utility>

#include "sim/base/error.hpp"

namespace memwall {
namespace {

Metres copper_reach(const RackDesign& rack) {
  for (const RackDesign::Reach& row : rack.reach) {
    if (rack.lane_rate.value <= row.lane) return row.longest;
  }
  return Metres{0};
}

bool optical(Medium medium) { return medium == Medium::pluggable_optics || medium == Medium::packaged_optics; }

}  // namespace

RackDesign read_rack(Reader& r, std::string id) {
  RackDesign rack;
  rack.id = std::move(id);
  const std::string written = r.text("id", rack.id, "by which it is named");
  if (written != rack.id) r.fault("id", "is \"" + written + "\" in a file that is read as \"" + rack.id + "\"");
  rack.name = r.text("name", rack.id, "as people name it");
  constexpr std::int64_t many = 1 << 20;
  rack.chips_per_rack = r.integer("chips_per_rack", {.low = 1, .high = many}, "packages of one rack");
  rack.chip_power = r.sourced<Watts>("chip_power", "of one package");
  rack.overhead = r.sourced_number("overhead", "power of a rack over that of its packages");
  if (rack.overhead.value < 1) r.fault("overhead", "must be at least 1");
  rack.links_per_chip = r.integer("links_per_chip", {.low = 1, .high = many}, "scale-up links of a package");
  rack.pairs_per_link = r.integer("pairs_per_link", {.low = 1, .high = many}, "differential pairs, both directions");
  rack.link_rate = r.sourced<BytesPerSecond>("link_rate", "of one link in one direction");
  rack.lane_rate = r.sourced<BytesPerSecond>("lane_rate", "of one pair");
  rack.length_in_rack = r.sourced<Metres>("length_in_rack", "longest cable inside a rack");
  rack.rack_pitch = r.sourced<Metres>("rack_pitch", "further cable for each further rack");
  rack.row_overhead = r.sourced<Metres>("row_overhead", "further cable where it leaves its rack");
  rack.cables_in_reach = r.sourced_number("cables_in_reach", "cables that can be laid inside a rack");
  rack.pairs_per_rack = r.sourced_number("pairs_per_rack", "pairs that the connectors of a rack hold");
  rack.power_limit = r.sourced<Watts>("power_limit", "that a rack can be fed with");
  rack.air_limit = r.sourced<Watts>("air_limit", "that air takes off a rack");
  rack.liquid = r.boolean("liquid", true, "whether liquid cools it");
  rack.optics_energy =
      r.sourced<Quantity<Dimension{.data = -1, .energy = 1}>>("optics_energy", "both ends of an optical link");
  rack.optics_price = r.sourced<Dollars>("optics_price", "of the modules of one optical link");
  r.list("copper_reach", true, "longest passive copper by rate of a lane, slow lanes first", [&](Reader& row) {
    const auto lane = row.quantity<BytesPerSecond>("lane", std::nullopt, "up to this rate");
    rack.reach.push_back({lane, row.sourced<Metres>("longest", "that works").value});
  });
  return rack;
}

std::vector<std::string_view> RackCheck::broken() const {
  std::vector<std::string_view> out;
  for (const RackLimit& limit : limits) {
    if (limit.ratio() > 1) out.push_back(limit.name);
  }
  return out;
}

RackCheck check(const RackDesign& rack, std::int64_t chips, Medium medium) {
  law(chips >= 1, "a domain has chips");
  RackCheck out;
  out.racks = (chips + rack.chips_per_rack - 1) / rack.chips_per_rack;
  const auto in_one = static_cast<double>(std::min(chips, rack.chips_per_rack));
  const auto all = static_cast<double>(chips);
  const auto links = static_cast<double>(rack.links_per_chip);
  const auto pairs = static_cast<double>(rack.pairs_per_link);
  out.rack_power = rack.chip_power.value * in_one * rack.overhead.value;
  out.longest_cable = rack.length_in_rack.value;
  if (out.racks > 1)
    out.longest_cable += rack.row_overhead.value + rack.rack_pitch.value * static_cast<double>(out.racks - 1);
  if (optical(medium)) {
    // Both directions of every link of a chip.
    const Watts a_chip = rack.optics_energy.value * (rack.link_rate.value * (2 * links));
    out.optics_power = a_chip * all;
    out.optics_price = rack.optics_price.value * (links * all);
    out.rack_power += a_chip * in_one;
    out.cables = links * all;  // a fibre ribbon a link
  } else {
    out.cables = links * pairs * all;
    out.limits.push_back({"reach", out.longest_cable.value, copper_reach(rack).value, "m"});
    // Copper must end within its reach, so that all cables of the domain meet in the space of one rack.
    out.limits.push_back({"cables", out.cables, rack.cables_in_reach.value, "cables"});
  }
  out.limits.push_back({"connectors", in_one * links * pairs, rack.pairs_per_rack.value, "pairs a rack"});
  out.limits.push_back({"power", out.rack_power.value, rack.power_limit.value.value, "W a rack"});
  if (!rack.liquid) out.limits.push_back({"cooling", out.rack_power.value, rack.air_limit.value.value, "W a rack"});
  std::stable_sort(out.limits.begin(), out.limits.end(),
                   [](const RackLimit& a, const RackLimit& b) { return a.ratio() > b.ratio(); });
  return out;
}

std::int64_t largest_domain(const RackDesign& rack, Medium medium, std::int64_t most) {
  std::int64_t largest = 0;
  for (std::int64_t chips = 1; chips <= most; chips += chips < rack.chips_per_rack ? 1 : rack.chips_per_rack) {
    if (check(rack, chips, medium).feasible()) largest = chips;
  }
  return largest;
}

}  // namespace memwall
