// summary.json: what a run came to, with everything that it rests on.
#pragma once

#include <string>
#include <string_view>

#include "sim/scenario/run.hpp"

namespace memwall {

/// What one replica-hour costs, and what a million tokens do. Absent prices make the cost unknown, not free.
struct CostReport {
  bool known = false;
  double usd_per_hour = 0;
  double usd_per_mtok_input = 0;
  double usd_per_mtok_output = 0;
};

/// Rent of all devices over the run, divided between input and output tokens by the critical seconds of prefill and
/// decode (idle time falls on both in that proportion).
[[nodiscard]] CostReport cost_of(const Outcome& outcome);

/// The text of summary.json (docs/outputs.md).
[[nodiscard]] std::string summary_json(const LoadedScenario& loaded, const Outcome& outcome, std::string_view version);

}  // namespace memwall
