// Bytes of caches on their way: flows over shared links, each followed by a fixed latency.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "sim/des/flow_network.hpp"

namespace memwall {

/// Transfers by number, in the order in which they were started. A transfer is there `latency` after its flow has
/// ended, and never at the very instant at which it was started: what a plan sets off, no plan of that instant sees.
class Transfers {
 public:
  using Number = std::int64_t;

  explicit Transfers(std::vector<BytesPerSecond> links) : flows_(std::move(links)) {}

  /// `bytes` over the links of the route, each of which they share evenly with other transfers.
  Number start(Time now, Bytes bytes, std::vector<FlowUse> route, Duration latency);
  /// Nobody waits for it any more; what has not moved does not move.
  void stop(Time now, Number number);
  /// When the next transfer is there, or its flow ends; Time::never() where none is under way.
  [[nodiscard]] Time next();
  /// The transfers that are there by `now`, by time and then by number.
  [[nodiscard]] std::vector<Number> advance(Time now);
  /// Bytes that have crossed a link.
  [[nodiscard]] Bytes carried(int link, Time now) { return flows_.carried(link, now); }

 private:
  struct State {
    FlowNetwork::Flow flow = 0;
    Time started;
    Duration latency;
    Time arrives = Time::never();  ///< once its flow has ended
  };
  FlowNetwork flows_;
  std::map<Number, State> under_way_;
  std::map<FlowNetwork::Flow, Number> by_flow_;
  std::set<std::pair<Time, Number>> arriving_;
  Number next_number_ = 0;
};

}  // namespace memwall
