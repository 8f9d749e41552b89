// machine.json: what the machines of a run are, so that a report can draw them without the catalogue.
#pragma once

#include <string>

#include "sim/scenario/run.hpp"

namespace memwall::tools {

/// Of each pool: the memories of one device with what lies in them, the tiers below, peaks, and the roofline points of
/// the operators of one decode cycle at the run's mean decode batch (docs/outputs.md).
[[nodiscard]] std::string machine_json(const Outcome& outcome);

}  // namespace memwall::tools
