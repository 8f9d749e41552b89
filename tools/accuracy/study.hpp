// A table of measurements against simulation, row by row and by regime.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/scenario/catalogue.hpp"
#include "tools/accuracy/decide.hpp"
#include "tools/accuracy/measured_table.hpp"

namespace memwall::accuracy {

/// Sequences at once that count as alike: wide enough for several rows, narrow enough that one resource tends to limit
/// them all.
struct Band {
  std::int64_t from;
  std::string_view text;
};
[[nodiscard]] const Band& band_of(std::int64_t batch);

/// Rows of one regime are expected to be limited alike. Ordered as reports list them.
struct Regime {
  std::string device;
  std::string model_class;  ///< dense, moe or mla
  std::string phase;        ///< how the load was applied
  std::int64_t band = 0;    ///< least number of sequences at once; 0 where the load does not say

  friend auto operator<=>(const Regime&, const Regime&) = default;
  [[nodiscard]] std::string text() const;
};

/// One measured figure with its simulated counterpart, both in the unit of the metric's column.
struct Figure {
  std::string id;
  std::string metric;
  double measured = 0;
  double simulated = 0;
  std::string bottleneck;
  Regime regime;
  std::string assumption;  ///< all that the row left open, "; " between

  [[nodiscard]] double error() const { return simulated / measured - 1; }
};

/// The figures of one metric in one regime. Errors are relative: 0.1 = the simulation is 10 % above.
struct RegimeErrors {
  Regime regime;  ///< empty texts in a total over all regimes
  std::string metric;
  std::int64_t figures = 0;
  double median_absolute = 0;
  double median = 0;
  double worst = 0;  ///< with its sign
  std::string worst_id;
  std::string bottleneck;  ///< of most rows, ties to the earlier tier
};

struct Study {
  std::string file;
  std::int64_t rows = 0;       ///< or logged runs
  std::int64_t simulated = 0;  ///< of the rows
  std::vector<Figure> figures;
  std::map<std::string, std::int64_t> unsupported;  ///< reason -> rows
  std::vector<RegimeErrors> regimes;
  std::vector<RegimeErrors> totals;  ///< by metric, over all regimes
  std::vector<std::string> not_compared;
};

/// Simulates every row that can be. Throws InputError as `read_measured_table` does.
[[nodiscard]] Study study(const TraceFile& file, const Catalogue& catalogue);

}  // namespace memwall::accuracy
