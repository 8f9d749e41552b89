// The scenario that a run had, with nothing left to default: what makes a report a scenario.
#pragma once

#include "sim/config/json.hpp"
#include "sim/scenario/build.hpp"
#include "sim/scenario/run.hpp"

namespace memwall {

/// Every key with the value that was used: those of the file and of `--set` as they were written, fallbacks, and the
/// defaults that depend on a device or a model. Running it gives the same digest. Paths stay as they were written,
/// because a report must not depend on the machine or the folder it was made in; so they resolve beside the original
/// scenario, or with its folder given by `--search`.
[[nodiscard]] json::Node resolved_scenario(const LoadedScenario& loaded, const Built& built);

}  // namespace memwall
