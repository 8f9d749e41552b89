// The files of a result folder, from the sinks that listen to the run to the names that they get together at its end.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/atomic_file.hpp"
#include "sim/scenario/run.hpp"
#include "tools/exports/perfetto.hpp"
#include "tools/exports/result_json.hpp"
#include "tools/exports/vllm_tally.hpp"
#include "tools/report/live_rows.hpp"

namespace memwall::tools {

/// What is written beside the files that every folder has.
struct OutputWish {
  bool cycles = true;          ///< cycles.csv
  bool perfetto = false;       ///< trace.json
  bool save_detailed = false;  ///< single requests and tokens in result.json
  bool report = false;         ///< report.html and charts/
};

class RunOutputs {
 public:
  /// Makes the folder where there is none; throws InputError where that cannot be.
  RunOutputs(const std::string& folder, const OutputWish& wish, const Scenario& scenario);

  /// Adds the sinks and listeners of the files to the options of a run. This must outlive the run.
  void listen(RunOptions& options);

  /// Writes what is left, gives all files their names and returns them.
  std::vector<std::string> finish(const LoadedScenario& loaded, const Outcome& outcome, double wall_s);

 private:
  ByteSink stream(const std::string& name);
  void write(const std::string& name, std::string_view text) { stream(name)(text); }

  std::string folder_;
  OutputWish wish_;
  std::vector<std::unique_ptr<AtomicFile>> files_;
  exports::VllmTally tally_;
  std::optional<exports::TokenTimes> tokens_;
  std::optional<exports::PerfettoTrace> trace_;
  std::optional<report::LiveRows> rows_;
  std::vector<std::string> pools_;
};

}  // namespace memwall::tools
