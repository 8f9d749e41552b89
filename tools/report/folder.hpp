// The files of a result folder that a report is made from.
#pragma once

#include <string>

#include "sim/config/json.hpp"
#include "tools/results/summary_view.hpp"

namespace memwall::tools::report {

/// What a page shows beside rows.
struct RunFacts {
  SummaryView summary;
  json::Tree machine;  ///< machine.json
};

struct RunFolder {
  RunFacts facts;
  std::string requests;  ///< text of requests.csv
  std::string cycles;    ///< text of cycles.csv; empty where the run wrote none
  std::string path;      ///< of the folder
};

/// Throws InputError with every file that is missing or unreadable.
[[nodiscard]] RunFolder open_folder(const std::string& path);

}  // namespace memwall::tools::report
