// What a cycle has beside the model's operators: time of the engine, and a limit of power.
#pragma once

#include <cstdint>
#include <optional>

#include "sim/base/quantity.hpp"
#include "sim/hw/cost.hpp"

namespace memwall {

struct CycleOverheads {
  Seconds schedule;               ///< host time to schedule a cycle and prepare its inputs
  bool schedule_hidden = true;    ///< true: side by side with the device (asynchronous scheduling); false: before it
  Seconds sampling_per_sequence;  ///< tier `vector`, added to the device's time, never hidden
  /// What one device may draw on average over a cycle. Absent: as much as it takes.
  std::optional<PowerLimit> power = std::nullopt;

  /// The host's time as a cost, to be made once.
  [[nodiscard]] Cost host() const {
    Cost cost;
    if (schedule.value > 0) cost.then(Tier::host_cpu, Affine::constant(schedule.value));
    return cost;
  }

  /// Adds what a cycle in which `sampled` sequences get a token needs beside the device's `cost`.
  void add_to(Cost& cost, const Cost& host, std::int64_t sampled) const {
    if (sampling_per_sequence.value > 0)
      cost.then(Tier::vector, Affine::constant(sampling_per_sequence.value * static_cast<double>(sampled)));
    if (schedule_hidden) {
      cost.beside(host);
    } else {
      cost += host;
    }
    if (power) cost.limit_power(*power);
  }
};

}  // namespace memwall
