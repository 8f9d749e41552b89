// The rows of a run as its page wants them: told while the run goes on, or read from its files.
#pragma once

#include <vector>

#include "tools/report/pieces.hpp"
#include "tools/report/rows.hpp"
#include "tools/report/timeline.hpp"

namespace memwall::tools::report {

/// Rows of time are put into bins and pieces as they come. The same rows in the same order give the same page,
/// whichever way they come. Texts in rows are views: whoever adds them keeps the names of pools as long as this.
struct RunRows {
  void add(const CycleRow& row) {
    timeline.add(row);
    pieces.add(row);
  }
  void add(const RequestRow& row) { requests.push_back(row); }

  Timeline timeline;
  Pieces pieces;
  std::vector<RequestRow> requests;
  bool has_cycles = false;
  double duration_s = 0;  ///< set when the page is made
};

}  // namespace memwall::tools::report
