// A study as texts: for the terminal, for spreadsheets, for programs.
#pragma once

#include <string>

#include "tools/accuracy/study.hpp"

namespace memwall::accuracy {

/// The table by regime, the totals, and how many rows were not simulated for which reason.
[[nodiscard]] std::string table(const Study& study);

/// accuracy.csv: a row a measured figure.
[[nodiscard]] std::string figures_csv(const Study& study);

/// accuracy.json: regimes, totals and reasons. Errors are relative, 0.1 = 10 % above the measurement.
[[nodiscard]] std::string study_json(const Study& study);

}  // namespace memwall::accuracy
