// A sweep as a person and a plot want it: a row a point, with the few metrics that were asked for.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sweep/axis.hpp"
#include "tools/sweep/store.hpp"

namespace memwall::tools::sweep {

/// A metric under the name and in the unit that a table shows.
struct Column {
  std::string title;
  std::string pointer;  ///< into summary.json
  double scale = 1;
};

/// What is shown of a sweep, read once.
struct Report {
  std::vector<StoredPoint> points;
  std::vector<Column> columns;
  std::vector<std::map<std::int64_t, double>> values;  ///< by column, then by point; not scaled
  std::map<std::int64_t, std::string> bottleneck;      ///< by point: the tier that limits most of its busy time
};

/// Metrics at these pointers; the usual four where there are none. Throws InputError for a pointer of which no point
/// that ran has a number.
[[nodiscard]] Report read_report(Store& store, const std::vector<std::string>& show);

/// For the terminal; tells of at most so many points.
[[nodiscard]] std::string report_text(const Report& report, std::size_t most_rows);
/// id, status, the parameters and metrics by their pointers in the units of summary.json, bottleneck, reason.
[[nodiscard]] std::string report_csv(const Report& report);
/// A Vega-Lite 5 specification with its data inside: the first metric over the first axis, a line for each value of the
/// second. Throws InputError for more than two axes.
[[nodiscard]] std::string report_vega(const Report& report, const std::vector<Axis>& axes);

}  // namespace memwall::tools::sweep
