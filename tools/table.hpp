// The summary on the terminal.
#pragma once

#include <string>

#include "sim/scenario/run.hpp"
#include "tools/results/time_text.hpp"

namespace memwall::tools {

/// A screenful: requests, throughput, latency, and a bar of the tiers that were the bottleneck.
[[nodiscard]] std::string summary_table(const LoadedScenario& loaded, const Outcome& outcome);

}  // namespace memwall::tools
