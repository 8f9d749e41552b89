// What the work of cycles took in energy, by tier, and how much power a cycle drew at most.
#pragma once

#include <cstdint>
#include <limits>

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
  /// The mean power of the work of the cycle that drew most, of one device. Without what the device draws for itself,
  /// of which a lower clock saves a part: below zero where it saves more than the work takes. 0 where no work took
  /// energy.
  [[nodiscard]] double peak_watts() const {
    return peak_microwatts_ == no_peak ? 0 : static_cast<double>(peak_microwatts_) * 1e-6;
  }

  friend bool operator==(const EnergyTally&, const EnergyTally&) = default;

 private:
  /// Takes the power of the segment's cycle k, rounded down to whole microwatts, into the peak.
  void note_peak(const Ramp& joules, const Ramp& length, std::int64_t k);

  TierArray<Int128> joules_;  ///< 2^-24 pJ
  static constexpr std::int64_t no_peak = std::numeric_limits<std::int64_t>::min();
  std::int64_t peak_microwatts_ = no_peak;
};

}  // namespace memwall
