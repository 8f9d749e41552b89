// A scenario from its file to its results.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/config/json_reader.hpp"
#include "sim/metrics/collector.hpp"
#include "sim/metrics/results.hpp"
#include "sim/scenario/build.hpp"
#include "sim/scenario/spec.hpp"

namespace memwall {

struct RunOptions {
  std::vector<std::string> set;                      ///< "/json/pointer=value" edits of the scenario
  std::optional<std::uint64_t> seed;                 ///< in place of the scenario's
  bool reference = false;                            ///< one cycle an event: slow, and equal to the picosecond
  bool every_cycle = false;                          ///< cycles.csv has a row a cycle
  ByteSink requests_csv;                             ///< empty: not written
  ByteSink cycles_csv;                               ///< empty: not written
  CycleRowListener cycle_row;                        ///< is told the rows of `cycles_csv`; may be empty
  std::vector<Sink*> listeners;                      ///< are told every record, in order, behind the run's own
  std::function<void(Time, std::int64_t)> progress;  ///< simulated time and requests ended, now and then
};

/// A scenario that was read and checked, with the document that it came from.
struct LoadedScenario {
  Document document;
  Scenario scenario;
  BuildOptions build;
  json::Node resolved;  ///< the document with its fallbacks; see resolved_scenario()
};

/// The document itself, or the scenario inside of it where it is a summary.json.
[[nodiscard]] Document scenario_of(Document document);
/// The document of a scenario file, or of the scenario inside of a summary.json. Throws InputError where it is no JSON.
[[nodiscard]] Document scenario_document(const std::string& path);

/// Reads a scenario file, or the scenario inside of a summary.json. Throws InputError with every fault of the file.
[[nodiscard]] LoadedScenario load_scenario(const std::string& path, const Catalogue& catalogue,
                                           const RunOptions& options);
/// The same of a document that was read before, so that many runs rest on one state of a file, or that was put together
/// in memory. `path` is where it stands for: relative paths inside of it are looked for beside that.
[[nodiscard]] LoadedScenario load_scenario(Document document, const std::string& path, const Catalogue& catalogue,
                                           const RunOptions& options);

/// What a run leaves behind.
struct Outcome {
  Built built;
  Results results;
  std::vector<SourceNotes> notes;              ///< by workload
  std::vector<std::vector<TierTotals>> tiers;  ///< by pool, the nearest first
  std::int64_t cycles = 0;                     ///< simulated
  std::int64_t events = 0;                     ///< in which they were simulated
  Duration arrivals;                           ///< from the start of the run to the last arrival
  bool closed_loop = false;                    ///< some requests waited for the end of others
};

/// Builds and runs. Throws InputError when something cannot be built or opened.
[[nodiscard]] Outcome run(const Scenario& scenario, const Catalogue& catalogue, const BuildOptions& build,
                          const RunOptions& options);

}  // namespace memwall
