// A run of a scenario file, seen through its summary.
#pragma once

#include <string>

#include "sim/scenario/run.hpp"
#include "tools/results/summary_view.hpp"

namespace memwall::tools {

/// Runs the scenario of a file with the edits and the seed of the options, and answers the summary.json that `memwall
/// run` would write. Runs do not share state, so that several threads may each have one. Throws InputError with
/// everything that is wrong with the scenario, a model that does not fit its devices among it.
[[nodiscard]] SummaryView simulated(const std::string& path, const Catalogue& catalogue, const RunOptions& options);
/// The same of a document that was read before or put together in memory, for the file at `path`.
[[nodiscard]] SummaryView simulated(Document document, const std::string& path, const Catalogue& catalogue,
                                    const RunOptions& options);

}  // namespace memwall::tools
