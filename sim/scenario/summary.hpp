// summary.json: what a run came to, with everything that it rests on.
#pragma once

#include <string>
#include <string_view>

#include "sim/scenario/run.hpp"

namespace memwall {

/// The text of summary.json (docs/outputs.md).
[[nodiscard]] std::string summary_json(const LoadedScenario& loaded, const Outcome& outcome, std::string_view version);

}  // namespace memwall
