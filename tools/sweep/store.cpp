#include "tools/sweep/store.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "sim/base/error.hpp"
#include "sim/metrics/csv.hpp"

namespace memwall::tools::sweep {
namespace {

namespace fs = std::filesystem;

/// "mwsw", in the header of the file, where `file` and others look.
constexpr std::int64_t application_id = 0x6d777377;
/// Grows with every change of the tables that a reader would notice.
constexpr std::int64_t tables_version = 1;

constexpr const char* tables = R"sql(
CREATE TABLE sweep (program TEXT NOT NULL, scenario TEXT NOT NULL, scenario_version TEXT NOT NULL,
                    design TEXT NOT NULL, axes TEXT NOT NULL, points INTEGER NOT NULL);
CREATE TABLE points (id INTEGER PRIMARY KEY, status TEXT NOT NULL, reason TEXT NOT NULL, scenario TEXT NOT NULL,
                     device_data TEXT NOT NULL, digest TEXT NOT NULL);
CREATE TABLE parameters (point INTEGER NOT NULL, place INTEGER NOT NULL, pointer TEXT NOT NULL, value TEXT NOT NULL,
                         PRIMARY KEY (point, place)) WITHOUT ROWID;
CREATE TABLE metrics (point INTEGER NOT NULL, pointer TEXT NOT NULL, value REAL NOT NULL,
                      PRIMARY KEY (point, pointer)) WITHOUT ROWID;
)sql";

/// The path of the file, with its folder made. Throws where it may not be begun.
std::string path_in(const std::string& folder, bool resume) {
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_directory(folder, error)) {
    throw InputError("--out " + folder + ": this is a file; name a folder, which is made where it does not exist");
  }
  fs::create_directories(folder, error);
  if (error) throw InputError(folder + ": cannot be made: " + error.message());
  const fs::path path = fs::path(folder) / "results.sqlite";
  if (!resume && fs::exists(path, error)) {
    throw InputError(path.string() + ": holds results already; go on with them with --resume, or name another folder");
  }
  return path.string();
}

std::string existing_path(const std::string& folder) {
  const fs::path path = fs::path(folder) / "results.sqlite";
  std::error_code error;
  if (!fs::exists(path, error)) throw InputError(path.string() + ": there is no such file; sweep --out DIR writes one");
  return path.string();
}

std::string row(std::int64_t point, std::string_view kind, std::string_view pointer, std::string_view value) {
  return fmt::format("{},{},{},{}\n", point, kind, csv_cell(pointer), csv_cell(value));
}

}  // namespace

Store::Store(const Identity& identity) : path_(":memory:"), database_("", Database::Access::memory) { begin(identity); }

Store::Store(const std::string& folder, const Identity& identity, bool resume)
    : path_(path_in(folder, resume)), made_(!fs::exists(path_)), database_(path_, Database::Access::create) {
  try {
    // A log in place of a journal, because a point then costs one short write; exclusive, because no other process can
    // then be needed to share memory with, which file systems of clusters do not do.
    database_.pragma("locking_mode = exclusive");
    if (database_.pragma("journal_mode = wal") != "wal") throw InputError(path_ + ": cannot be written");
    if (empty()) {
      begin(identity);
    } else {
      require_same(identity);
    }
  } catch (...) {
    database_ = Database("", Database::Access::memory);
    // What was never begun holds nothing that anybody could miss.
    std::error_code ignored;
    for (const char* ending : {"", "-wal", "-shm", "-journal"}) {
      if (made_) fs::remove(path_ + ending, ignored);
    }
    throw;
  }
}

Store::Store(const std::string& folder) : path_(existing_path(folder)), database_(path_, Database::Access::change) {
  require_sweep();
}

bool Store::empty() {
  Statement count = database_.prepare("SELECT count(*) FROM sqlite_master");
  return count.step() && count.integer_at(0) == 0;
}

void Store::begin(const Identity& identity) {
  Transaction transaction(database_);
  database_.run(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {};", application_id, tables_version));
  database_.run(tables);
  Statement add = database_.prepare("INSERT INTO sweep VALUES (?, ?, ?, ?, ?, ?)");
  add.bind(0, identity.program).bind(1, identity.scenario).bind(2, identity.scenario_version);
  add.bind(3, identity.design).bind(4, identity.axes).bind(5, identity.points).run();
  transaction.commit();
}

void Store::require_sweep() {
  if (database_.pragma("application_id") != std::to_string(application_id)) {
    throw InputError(path_ + ": holds no results of a sweep");
  }
  const std::string found = database_.pragma("user_version");
  if (found != std::to_string(tables_version)) {
    throw InputError(
        fmt::format("{}: its tables have version {}, and this program knows {}", path_, found, tables_version));
  }
}

void Store::require_same(const Identity& identity) {
  require_sweep();
  Statement read = database_.prepare("SELECT program, scenario_version, design, axes, points FROM sweep");
  law(read.step(), "the results of a sweep say of which");
  std::vector<Fault> faults;
  const auto compare = [&](int column, std::string_view name, const std::string& wanted) {
    const std::string found = read.text_at(column);
    if (found == wanted) return;
    faults.push_back({path_, 0, std::string(name),
                      fmt::format("is of another sweep: {} there, {} here; name another folder", found, wanted)});
  };
  compare(0, "program", identity.program);
  compare(1, "scenario", identity.scenario_version);
  compare(2, "design", identity.design);
  compare(3, "axes", identity.axes);
  compare(4, "points", std::to_string(identity.points));
  if (!faults.empty()) throw InputError(std::move(faults));
}

void Store::add(std::int64_t id, const Parameters& parameters, const PointResult& result) {
  if (!add_point_) {
    add_point_.emplace(database_.prepare("INSERT INTO points VALUES (?, ?, ?, ?, ?, ?)"));
    add_parameter_.emplace(database_.prepare("INSERT INTO parameters VALUES (?, ?, ?, ?)"));
    add_metric_.emplace(database_.prepare("INSERT INTO metrics VALUES (?, ?, ?)"));
  }
  Transaction transaction(database_);
  add_point_->bind(0, id).bind(1, status_name(result.status)).bind(2, result.reason).bind(3, result.scenario);
  add_point_->bind(4, result.device_data).bind(5, result.digest).run();
  for (std::size_t place = 0; place < parameters.size(); ++place) {
    add_parameter_->bind(0, id).bind(1, static_cast<std::int64_t>(place));
    add_parameter_->bind(2, parameters[place].pointer).bind(3, parameters[place].value).run();
  }
  for (const auto& [pointer, value] : result.metrics) {
    add_metric_->bind(0, id).bind(1, pointer).bind(2, value).run();
  }
  transaction.commit();
}

void Store::finish() {
  if (path_ == ":memory:") return;
  add_point_.reset();
  add_parameter_.reset();
  add_metric_.reset();
  // Brings what is in the log into the file and takes the log away.
  if (database_.pragma("journal_mode = delete") != "delete") {
    throw InputError(path_ + ": cannot be finished; all results are there and in the -wal file beside it");
  }
}

std::vector<std::int64_t> Store::ids() {
  std::vector<std::int64_t> out;
  Statement read = database_.prepare("SELECT id FROM points ORDER BY id");
  while (read.step()) out.push_back(read.integer_at(0));
  return out;
}

std::vector<StoredPoint> Store::points() {
  std::vector<StoredPoint> out;
  Statement read =
      database_.prepare("SELECT id, status, reason, scenario, device_data, digest FROM points ORDER BY id");
  while (read.step()) {
    out.push_back(
        {read.integer_at(0), read.text_at(1), read.text_at(2), read.text_at(3), read.text_at(4), read.text_at(5), {}});
  }
  Statement parameters = database_.prepare("SELECT point, pointer, value FROM parameters ORDER BY point, place");
  for (auto at = out.begin(); parameters.step();) {
    while (at->id != parameters.integer_at(0)) ++at;
    at->parameters.push_back({parameters.text_at(1), parameters.text_at(2)});
  }
  return out;
}

std::map<std::int64_t, double> Store::metric(std::string_view pointer) {
  std::map<std::int64_t, double> out;
  Statement read = database_.prepare("SELECT point, value FROM metrics WHERE pointer = ? ORDER BY point");
  read.bind(0, pointer);
  while (read.step()) out.emplace(read.integer_at(0), read.real_at(1));
  return out;
}

std::vector<std::string> Store::metric_pointers() {
  std::vector<std::string> out;
  Statement read = database_.prepare("SELECT DISTINCT pointer FROM metrics ORDER BY pointer");
  while (read.step()) out.push_back(read.text_at(0));
  return out;
}

std::string Store::dump() {
  std::string out = "point,kind,pointer,value\n";
  Statement metrics = database_.prepare("SELECT point, pointer, value FROM metrics ORDER BY point, pointer");
  bool more = metrics.step();
  for (const StoredPoint& point : points()) {
    out += row(point.id, "status", "", point.status) + row(point.id, "reason", "", point.reason);
    out += row(point.id, "scenario", "", point.scenario) + row(point.id, "device_data", "", point.device_data);
    out += row(point.id, "digest", "", point.digest);
    for (const Parameter& each : point.parameters) out += row(point.id, "parameter", each.pointer, each.value);
    for (; more && metrics.integer_at(0) == point.id; more = metrics.step()) {
      out += row(point.id, "metric", metrics.text_at(1), fmt::format("{}", metrics.real_at(2)));
    }
  }
  return out;
}

}  // namespace memwall::tools::sweep
