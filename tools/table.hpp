// The summary on the terminal.
#pragma once

#include <string>

#include "sim/scenario/run.hpp"

namespace memwall::tools {

/// A screenful: requests, throughput, latency, and a bar of the tiers that were the bottleneck.
[[nodiscard]] std::string summary_table(const LoadedScenario& loaded, const Outcome& outcome);

/// A time with a fitting unit, four significant digits: "7.316 ms".
[[nodiscard]] std::string time_text(double seconds);

}  // namespace memwall::tools
