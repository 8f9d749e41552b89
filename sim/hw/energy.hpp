// Energy of work on a device, from its file's facts.
#pragma once

#include <algorithm>

#include "sim/hw/cost.hpp"
#include "sim/hw/device_info.hpp"

namespace memwall {

/// Books `bytes` moved in a tier. Nothing where the file has no energy for a byte there.
inline void spend_bytes(Cost& cost, const EnergyFacts& facts, Tier tier, Affine bytes) {
  if (const auto& each = facts.per_byte[tier]) cost.spend(tier, bytes * each->value.value);
}

/// Energy of an operation in a format: that of the format where the file has it, else that of the most expensive one it
/// has, because a format without units of its own is widened. Absent where the file has none at all.
[[nodiscard]] inline std::optional<JoulesPerFlop> energy_of_flop(const EnergyFacts& facts, Precision format) {
  if (const auto& own = facts.per_flop[static_cast<std::size_t>(format)]) return own->value;
  std::optional<JoulesPerFlop> most;
  for (const auto& each : facts.per_flop) {
    if (each && (!most || each->value > *most)) most = each->value;
  }
  return most;
}

/// Books `flops` done in a format. Nothing where the file has no energy for operations.
inline void spend_flops(Cost& cost, const EnergyFacts& facts, Precision format, Affine flops) {
  if (const auto each = energy_of_flop(facts, format)) cost.spend(Tier::compute, flops * each->value);
}

}  // namespace memwall
