// The sections of a run's page, one function each. A section without blocks is left out.
#pragma once

#include <string>
#include <vector>

#include "tools/page/page.hpp"
#include "tools/report/folder.hpp"
#include "tools/report/pieces.hpp"
#include "tools/report/rows.hpp"
#include "tools/report/timeline.hpp"

namespace memwall::tools::report {

/// Rows of the run, gathered in one pass over its files. Views in rows are into the folder's texts.
struct RunRows {
  explicit RunRows(const RunFolder& folder);

  Timeline timeline;
  Pieces pieces;
  std::vector<RequestRow> requests;
  bool has_cycles = false;
  double duration_s = 0;
};

[[nodiscard]] page::Section headline(const RunFolder& folder);
[[nodiscard]] page::Section bottlenecks(const RunFolder& folder, const RunRows& rows);
[[nodiscard]] page::Section latencies(const RunFolder& folder, const RunRows& rows);
[[nodiscard]] page::Section load(const RunRows& rows);
[[nodiscard]] page::Section cache(const RunFolder& folder, const RunRows& rows);
[[nodiscard]] page::Section memories(const RunFolder& folder);
[[nodiscard]] page::Section roofline(const RunFolder& folder);
[[nodiscard]] page::Section slowest(const RunRows& rows);
[[nodiscard]] page::Section grounds(const RunFolder& folder);

}  // namespace memwall::tools::report
