// The summary on the terminal.
#pragma once

#include <string>

#include "sim/scenario/run.hpp"
#include "tools/results/time_text.hpp"

namespace memwall::tools {

/// A screenful: requests, throughput, latency, and bars of the tiers that were the bottleneck, which may be coloured.
[[nodiscard]] std::string summary_table(const LoadedScenario& loaded, const Outcome& outcome, bool colours);

}  // namespace memwall::tools
