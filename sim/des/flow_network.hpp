// Transfers that share links fairly: the rates of all flows at any time, and when each one ends.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/quantity.hpp"
#include "sim/base/time.hpp"
#include "sim/des/indexed_heap.hpp"

namespace memwall {

/// Part of a flow's traffic that crosses a link, one direction of which is a link of its own here.
struct FlowUse {
  int link = 0;
  double share = 1;  ///< of the flow's rate, above 0: 0.5 where a route is split over two equal paths
};

/// Flows over links of fixed capacity, with max-min fair rates: no flow's rate can be raised without lowering that of
/// one that has no more (Bertsekas and Gallager, Data Networks, 6.5.2; found by filling all rates evenly and freezing
/// those whose link is full). Rates change only where a flow starts or ends, and only those flows are looked at that
/// are connected with it through links in use; starts and ends at one time are settled together. Latency is left to
/// whoever starts a flow. Deterministic: no result depends on the order of starts at one time beyond the numbers that
/// flows get by it.
class FlowNetwork {
 public:
  using Flow = std::uint32_t;  ///< numbers count up from 0 and are used once

  /// Throws LogicError for a link without capacity.
  explicit FlowNetwork(std::vector<BytesPerSecond> capacities);

  /// A flow of `size` bytes over the links of `route`, each at most once. `limit` bounds its rate, for ends that are
  /// slower than every link; zero: none. A flow without route and without limit ends at once. `now` may not run
  /// backwards. Throws LogicError where a size, share or link is wrong.
  Flow start(Time now, Bytes size, std::vector<FlowUse> route, BytesPerSecond limit = {});
  /// Ends a flow early; what it has moved stays moved.
  void stop(Time now, Flow flow);

  /// When the next flow ends; Time::never() where none does.
  [[nodiscard]] Time next_end();
  /// Moves on to `now` and answers the flows that have ended until then, in order of their numbers at each time.
  std::vector<Flow> advance(Time now);

  [[nodiscard]] bool running(Flow flow) const { return flows_[flow].running; }
  [[nodiscard]] BytesPerSecond rate(Flow flow);
  [[nodiscard]] Bytes moved(Flow flow, Time now);
  /// Sum of rates times shares on a link; never above its capacity but for rounding.
  [[nodiscard]] BytesPerSecond load(int link);
  /// Bytes that all flows, running or over, have moved across a link.
  [[nodiscard]] Bytes carried(int link, Time now);

  /// Flows whose rate was worked out so far, for tests of how much a change touches.
  [[nodiscard]] std::uint64_t touched() const { return touched_; }

 private:
  struct State {
    std::vector<FlowUse> route;
    double size = 0;
    double moved = 0;  ///< bytes until `since`
    double rate = 0;   ///< bytes per second from then on
    double limit = 0;
    Time since;
    bool running = false;
  };
  struct Link {
    double capacity = 0;
    double carried = 0;  ///< by flows that are over
    std::vector<Flow> flows;
    bool dirty = false;
  };

  void settle();
  void collect(std::vector<Flow>& flows, std::vector<int>& links);
  void fill(const std::vector<Flow>& flows, const std::vector<int>& links);
  void end(Flow flow);
  void soil(const State& state);
  void freeze(Flow flow, double rate);
  [[nodiscard]] double moved_until(const State& state, Time now) const;

  std::vector<Link> links_;
  std::vector<State> flows_;
  std::vector<int> dirty_;
  IndexedHeap<Time> ends_;
  Time now_;
  std::uint64_t touched_ = 0;

  // What one settlement works with; kept so that it does not allocate.
  std::vector<double> room_;    ///< of a link, what frozen flows leave
  std::vector<double> wanted_;  ///< of a link, sum of shares of flows not frozen yet
  std::vector<char> seen_link_;
  std::vector<char> seen_flow_;
  IndexedHeap<double> level_;  ///< of links, the rate at which they are full
};

}  // namespace memwall
