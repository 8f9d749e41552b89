// The lengths of a scenario's requests, without simulating it.
#pragma once

#include <vector>

#include "sim/serve/cluster.hpp"

namespace memwall::tools::price {

/// So many requests at a length are one, for sums over a traffic.
struct Lengths {
  double input = 0;   ///< prompt tokens
  double output = 0;  ///< generated tokens
};

/// The requests of all workloads in their order, at most `most`, each workload cut alike. Where a request waits for
/// the end of another one, that one ends at once.
[[nodiscard]] std::vector<Lengths> lengths_of(std::vector<WorkloadSetup>& workloads, std::size_t most);

}  // namespace memwall::tools::price
