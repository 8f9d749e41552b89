// What can be said of a layout before anything is simulated: whether it can be built, and bounds of what it can do.
#pragma once

#include <cstdint>
#include <optional>

#include "sim/scenario/saturation.hpp"
#include "tools/plan/fleet.hpp"
#include "tools/plan/traffic.hpp"

namespace memwall::tools::plan {

/// No run of the layout, of however many replicas, is better than these.
struct Feasible {
  Rejection rejection;                   ///< Reason::none where replicas can be built
  std::int64_t devices = 0;              ///< of a replica; 0 where it cannot be built
  double usd_per_hour = 0;               ///< of a replica, without power that is paid for apart
  double usd_at_most = 0;                ///< the same with all the power paid for that its devices may draw
  std::optional<double> watts;           ///< that the devices of a replica may draw: their caps, or board powers
  std::optional<PoolCapacity> capacity;  ///< of a replica, in the mean request of the traffic; absent for closed loops
  double least_tpot_s = 0;               ///< a decode cycle of one sequence with the shortest prompt
  double least_prompt_s = 0;             ///< one cycle with the shortest prompt alone

  [[nodiscard]] bool fits() const { return rejection.reason == Reason::none; }
  /// As few replicas as the arrivals times a factor may load no more than fully; 1 where there is no rate.
  [[nodiscard]] std::int64_t least_replicas(const Traffic& traffic, double rate_factor) const;
};

/// Builds one replica and prices its cycles. Where prompts may be found in a cache, bounds take all but one token of
/// each as found, so that they stay bounds.
[[nodiscard]] Feasible feasible(const Base& base, const Layout& layout, const Traffic& traffic);

/// A bound of the scenario's SLOs that the layout misses whatever the load: TPOT or ITL below its shortest cycle, TTFT
/// or E2E below that of the prompt. Reason::none where there is none.
[[nodiscard]] Rejection unreachable(const Base& base, const Feasible& found, const Traffic& traffic);

}  // namespace memwall::tools::plan
