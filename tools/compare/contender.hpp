// One scenario of a comparison and what its runs came to.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/compare/sheet.hpp"
#include "tools/results/summary_view.hpp"

namespace memwall::tools::compare {

/// A number that a comparison shows.
struct Measure {
  std::string name;
  std::string pointer;  ///< into summary.json
  double scale = 1;     ///< of the number before it is shown
  bool higher_is_better = true;
};

/// In the order in which they are shown.
[[nodiscard]] const std::vector<Measure>& measures();

/// One scenario: the summaries of its runs, one for each replication, or why it was refused.
struct Contender {
  std::string name;  ///< as tables call it
  std::string path;
  std::vector<std::string> adapted;  ///< what was changed of the file to make it run
  std::vector<SummaryView> runs;
  std::string refusal;  ///< not empty: nothing ran

  /// The measure in each run; nothing where a run does not know it.
  [[nodiscard]] std::optional<std::vector<double>> values(const Measure& measure) const;
  /// Its mean over the runs.
  [[nodiscard]] std::optional<double> value(const Measure& measure) const;
  /// Devices of all pools.
  [[nodiscard]] double devices() const;
  /// Time of all devices for one generated token in the first run, by tier in tier order: seconds of machine a token,
  /// idle time included. They add up to devices x duration / tokens. Empty where no token was generated.
  [[nodiscard]] std::vector<double> seconds_per_token() const;
};

/// Runs a sheet once for each replication, with the seed of the scenario and the ones behind it. What is wrong with the
/// scenario becomes its refusal.
[[nodiscard]] Contender run_contender(const Sheet& sheet, const Catalogue& catalogue, std::int64_t replications);

/// The same of several, by `parallel`.
[[nodiscard]] std::vector<Contender> run_contenders(const std::vector<Sheet>& sheets, const Catalogue& catalogue,
                                                    std::int64_t replications, const Parallel& parallel);

}  // namespace memwall::tools::compare
