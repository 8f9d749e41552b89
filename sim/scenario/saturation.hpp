// How near the traffic of a run came to what its replicas can serve. docs/models/saturation.md has the derivation.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/base/tier.hpp"
#include "sim/scenario/run.hpp"
#include "sim/scenario/steady_state.hpp"

namespace memwall {

/// What a pool does when more requests wait than it can take.
struct PoolCapacity {
  double batch = 0;               ///< sequences running in one replica
  Limit limit = Limit::max_seqs;  ///< what keeps it from being larger
  Seconds cycle;                  ///< mean length of a cycle
  double requests_per_s = 0;      ///< of all its replicas
};

/// The largest batch that slots, KV blocks and token budget sustain on mean requests, at the price of its cycles.
[[nodiscard]] PoolCapacity pool_capacity(const BuiltPool& pool, const CyclePricer& program, const MeanRequest& request);

struct Saturation {
  std::vector<PoolCapacity> pools;     ///< by PoolId; empty where no request completed
  double capacity_requests_per_s = 0;  ///< the sum of the pools'
  std::optional<double> arrivals_per_s;
  /// Arrival rate over capacity. Absent where there is no rate: closed loops, requests that all arrive at once, and
  /// runs in which nothing completed.
  std::optional<double> load;
};

[[nodiscard]] Saturation saturation(const Outcome& outcome);

}  // namespace memwall
