// The run's digest: 64 bits that change when anything that happened does.
#pragma once

#include <cstdint>
#include <string>

#include "sim/metrics/record.hpp"

namespace memwall {

/// A hash of all closed segments and all request records. Every record carries its own place (replica and first cycle;
/// request id) into its hash, and the hashes are added up, so neither the order in which records arrive nor how
/// replicas interleave can matter. Spans and idle gaps are not part of it: they depend on who looked when.
class Digest {
 public:
  /// A segment has closed. `ramps` counts from its first cycle; `plan_change` is a hash of what set its plan apart.
  void segment(ReplicaId replica, std::int64_t first_cycle, std::int64_t cycles, const TierRamps& ramps,
               std::uint64_t plan_change);
  void request(const RequestRecord& record);
  /// Takes up what another digest saw.
  void merge(const Digest& other);

  [[nodiscard]] std::uint64_t value() const;
  /// `value` as 16 hexadecimal digits.
  [[nodiscard]] std::string text() const;

 private:
  std::uint64_t segments_ = 0;
  std::uint64_t requests_ = 0;
  std::uint64_t segment_count_ = 0;
  std::uint64_t request_count_ = 0;
};

/// A 64-bit word as 16 hexadecimal digits.
[[nodiscard]] std::string hex16(std::uint64_t word);

}  // namespace memwall
