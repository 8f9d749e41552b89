// What the work of cycles took in energy, by tier, and how much power a cycle drew at most.
#pragma once

#include <cstdint>

#include "sim/base/tier.hpp"
#include "sim/metrics/record.hpp"

namespace memwall {

/// Sums over cycles of the energy of their work, on one device of the replica. Every number is an integer that depends
/// on the cycles alone, so taking them in spans of any length gives the same tally.
class EnergyTally {
 public:
  /// Throws LogicError where the span has no ramps. O(tiers with energy).
  void add(const CycleSpan& span);
  void merge(const EnergyTally& other);

  /// Joules of all cycles, of one device of each replica.
  [[nodiscard]] TierArray<double> joules() const;
  /// The mean power of the work of the cycle that drew most, of one device. Without what the device draws for itself.
  [[nodiscard]] double peak_watts() const { return static_cast<double>(peak_microwatts_) * 1e-6; }

  friend bool operator==(const EnergyTally&, const EnergyTally&) = default;

 private:
  TierArray<Int128> joules_;  ///< 2^-24 pJ
  std::int64_t peak_microwatts_ = 0;
};

}  // namespace memwall
