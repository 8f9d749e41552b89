#include "tools/results/simulated.hpp"

#include <utility>

#include "sim/scenario/summary.hpp"
#include "tools/verbs.hpp"

namespace memwall::tools {

SummaryView simulated(const std::string& path, const Catalogue& catalogue, const RunOptions& options) {
  return simulated(scenario_document(path), path, catalogue, options);
}

SummaryView simulated(Document document, const std::string& path, const Catalogue& catalogue,
                      const RunOptions& options) {
  const LoadedScenario loaded = load_scenario(std::move(document), path, catalogue, options);
  const Outcome outcome = run(loaded.scenario, catalogue, loaded.build, options);
  return {summary_json(loaded, outcome, version), path};
}

}  // namespace memwall::tools
