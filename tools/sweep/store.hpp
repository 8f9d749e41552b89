// The results of a sweep in one SQLite file (docs/sweep.md describes its tables), or in memory.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sweep/database.hpp"
#include "tools/sweep/design.hpp"
#include "tools/sweep/point.hpp"

namespace memwall::tools::sweep {

/// What makes a sweep the one it is: with all of this equal, points of two runs may stand in one file.
struct Identity {
  std::string program;           ///< version
  std::string scenario;          ///< the scenario that all points change, as JSON
  std::string scenario_version;  ///< its hash
  std::string design;            ///< "grid", "latin, seed 1"
  std::string axes;              ///< as the user wrote them, "; " between them
  std::int64_t points = 0;
};

/// A point as the file has it.
struct StoredPoint {
  std::int64_t id = 0;
  std::string status;
  std::string reason;
  std::string scenario;
  std::string device_data;
  std::string digest;
  Parameters parameters;
};

/// One thread writes, a point a transaction, in whatever order points come to an end; whoever reads gets them by id.
/// While a sweep runs, SQLite's log stands beside the file and nobody else may open it; `finish` leaves one file alone.
/// A program that is killed at any instant leaves what the next one can open and go on with. Every member throws
/// InputError where the file does not let itself be written or read.
class Store {
 public:
  /// In memory; nothing is written.
  explicit Store(const Identity& identity);
  /// DIR/results.sqlite, with the folders that are missing. A file that is there is an error unless `resume`, and one
  /// of another sweep is in any case. A file that could not be begun is taken away again.
  Store(const std::string& folder, const Identity& identity, bool resume);
  /// What is there, for reading.
  explicit Store(const std::string& folder);

  void add(std::int64_t id, const Parameters& parameters, const PointResult& result);
  void finish();

  /// Of points that are there, in order.
  [[nodiscard]] std::vector<std::int64_t> ids();
  [[nodiscard]] std::vector<StoredPoint> points();
  /// A metric by point, where the point has it.
  [[nodiscard]] std::map<std::int64_t, double> metric(std::string_view pointer);
  /// Pointers of all metrics that some point has, sorted.
  [[nodiscard]] std::vector<std::string> metric_pointers();
  /// Everything that the points hold, ordered: point, kind (status, reason, scenario, device_data, digest, parameter,
  /// metric), pointer, value. Equal for every way of running one sweep.
  [[nodiscard]] std::string dump();

 private:
  [[nodiscard]] bool empty();
  void begin(const Identity& identity);
  void require_same(const Identity& identity);
  void require_sweep();

  std::string path_;
  bool made_ = false;  ///< the file was not there before
  Database database_;
  std::optional<Statement> add_point_;
  std::optional<Statement> add_parameter_;
  std::optional<Statement> add_metric_;
};

}  // namespace memwall::tools::sweep
