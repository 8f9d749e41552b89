// The energy of a run: what work took where, what devices drew beside it, and what a token comes to.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/base/basis.hpp"
#include "sim/base/quantity.hpp"
#include "sim/base/tier.hpp"
#include "sim/scenario/run.hpp"

namespace memwall {

/// Of all devices of a pool, from the start to the end of the run.
struct PoolEnergy {
  std::string unknown;            ///< why nothing is known, as a sentence; empty where it is
  TierArray<double> work_j;       ///< of bytes and operations, by tier
  double running_j = 0;           ///< drawn while cycles ran, before any byte or operation
  double idle_j = 0;              ///< drawn without work
  double mean_w = 0;              ///< of one device over the run
  double peak_w = 0;              ///< of one device in the cycle that drew most
  std::optional<double> most_j;   ///< what the boards may have drawn, known or not: their limit over all of the time
  std::optional<Watts> cap;       ///< of one device
  Basis basis = Basis::measured;  ///< the weakest of the numbers that it rests on
  std::vector<std::string> left_out;  ///< what the device's file has no number for, as sentences

  [[nodiscard]] double work() const;
  [[nodiscard]] double joules() const { return work() + running_j + idle_j; }
};

struct EnergyReport {
  std::vector<PoolEnergy> pools;  ///< by PoolId
  PoolEnergy all;                 ///< sums; `mean_w`, `peak_w` and `cap` are those of no device and stay empty
};

[[nodiscard]] PoolEnergy pool_energy(const BuiltPool& pool, const PoolResults& results);

/// Energy of the devices alone: hosts, switches and fans are not in it.
[[nodiscard]] EnergyReport energy_of(const Outcome& outcome);

}  // namespace memwall
