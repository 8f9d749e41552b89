// Collectives inside a group of devices, by measured tables of time against size where they exist.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/base/affine.hpp"
#include "sim/base/basis.hpp"
#include "sim/base/quantity.hpp"
#include "sim/base/reader.hpp"
#include "sim/hw/cost.hpp"

namespace memwall {

/// The links that join the devices of a replica. Pure; all time goes to tier `scale_up`, its fixed part included.
class Interconnect {
 public:
  /// Reads an interconnect file. Faults go to the reader.
  static Interconnect read(Reader& reader, std::string id);

  /// Sum of a buffer of `payload` bytes over `ranks` devices; nothing for one rank. A measured table for exactly that
  /// number of ranks wins, else the ring formula 2 (n-1) alpha + 2 (n-1)/n bytes / bandwidth.
  [[nodiscard]] Cost all_reduce(int ranks, Bytes payload) const;
  /// The part of an all-reduce that does not depend on its size, for the report's latency share.
  [[nodiscard]] Seconds all_reduce_floor(int ranks) const;

  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] int max_ranks() const { return max_ranks_; }
  [[nodiscard]] bool measured(int ranks) const { return all_reduce_.contains(ranks); }
  [[nodiscard]] const std::vector<Provenance>& provenance() const { return provenance_; }

 private:
  std::string id_;
  int max_ranks_ = 1;                    ///< devices in the scale-up domain
  Sourced<BytesPerSecond> bandwidth_;    ///< per device and direction
  Sourced<Seconds> latency_;             ///< of one step of a ring
  std::map<int, TimeTable> all_reduce_;  ///< seconds against bytes, by ranks
  std::vector<Provenance> provenance_;
};

}  // namespace memwall
