// Collectives inside a group of devices: by measured tables of time against size where they exist, else by the quickest
// algorithm.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/affine.hpp"
#include "sim/base/basis.hpp"
#include "sim/base/quantity.hpp"
#include "sim/base/reader.hpp"
#include "sim/hw/collectives.hpp"
#include "sim/hw/cost.hpp"
#include "sim/hw/expert_exchange.hpp"
#include "sim/hw/topology.hpp"

namespace memwall {

/// The links that join the devices of a replica. Pure; time inside a domain goes to tier `scale_up`, between domains to
/// `scale_out`, fixed parts included.
class Interconnect {
 public:
  /// Reads an interconnect file. Faults go to the reader.
  static Interconnect read(Reader& reader, std::string id);
  /// The links of a topology: bandwidths and latencies from its graph, no measured tables.
  static Interconnect on(const Topology& topology);

  /// Time of a collective over `ranks` devices on a buffer of `payload` bytes (shape_of says of what); nothing for one
  /// rank. A measured table for exactly that number of ranks wins, else the quickest method that serves. A group that
  /// spans domains reduces inside, across, and spreads inside again. Throws LogicError beyond max_ranks().
  [[nodiscard]] Cost collective(Collective collective, int ranks, Bytes payload) const;
  [[nodiscard]] Cost all_reduce(int ranks, Bytes payload) const {
    return collective(Collective::all_reduce, ranks, payload);
  }
  /// The part of an all-reduce that does not depend on its size, for the report's latency share.
  [[nodiscard]] Seconds all_reduce_floor(int ranks) const;
  /// Who priced it: "measured table", or the method's name.
  [[nodiscard]] std::string priced_by(Collective collective, int ranks, Bytes payload) const;

  /// The same links where all time of a tier, fixed parts included, goes `factor` times as fast.
  [[nodiscard]] Interconnect with_speed(Tier tier, double factor) const;

  /// One direction of an exchange with the experts, in which a rank sends `tokens` tokens.
  [[nodiscard]] Cost expert_exchange(const ExpertExchange& work, double tokens) const;
  [[nodiscard]] const ExchangeMethod* exchange_method(ExchangeMode mode, ExchangeDirection direction) const;

  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] int max_ranks() const { return max_ranks_; }
  /// Ids of the devices that are built with these links; empty where the file does not say.
  [[nodiscard]] const std::vector<std::string>& joins() const { return joins_; }
  [[nodiscard]] int domain() const { return domain_; }  ///< devices of a scale-up domain
  [[nodiscard]] bool measured(int ranks) const { return all_reduce_.contains(ranks); }
  /// Every method of the file, those of libraries that no engine here uses among them.
  [[nodiscard]] const std::vector<Method>& library_methods() const { return library_methods_; }
  [[nodiscard]] const std::vector<Provenance>& provenance() const { return provenance_; }

 private:
  void read_tables(Reader& reader);
  void read_scale_out(Reader& reader);
  /// As much time as the scenario leaves of it.
  [[nodiscard]] Affine time_on(Tier tier, double seconds) const;
  [[nodiscard]] MethodChoice inside(Collective collective, int ranks, Bytes payload) const;
  [[nodiscard]] Seconds inside_time(Collective collective, int ranks, Bytes payload) const;

  std::string id_;
  int max_ranks_ = 1;  ///< devices that the links join
  std::vector<std::string> joins_;
  int domain_ = 1;                       ///< devices of a scale-up domain
  Sourced<BytesPerSecond> bandwidth_;    ///< per device and direction
  Sourced<Seconds> latency_;             ///< of one step
  std::map<int, TimeTable> all_reduce_;  ///< seconds against bytes, by ranks
  std::vector<Method> methods_;          ///< of the engine's libraries, then what latency and bandwidth alone say
  std::vector<Method> library_methods_;
  std::map<int, std::vector<Method>> by_ranks_;  ///< of a graph whose rates depend on how many chips take part
  std::vector<Method> across_;                   ///< between domains, over one device's network card
  std::vector<ExchangeMethod> exchanges_;
  std::map<Tier, double> time_factor_;  ///< of links that a scenario made faster; absent: 1
  std::vector<Provenance> provenance_;
};

}  // namespace memwall
