#include "tools/accuracy/measured_table.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>

#include "sim/base/error.hpp"
#include "tools/accuracy/metric.hpp"
#include "workloads/formats/csv.hpp"
#include "workloads/formats/numbers.hpp"

namespace memwall::accuracy {
namespace {

const std::vector<std::string> serving_columns = {"id",  "device_key", "model",      "weights_precision",
                                                  "osl", "load_mode",  "load_value", "engine"};
const std::vector<std::string> log_columns = {"run",       "input_toks",     "output_toks",
                                              "queued_ts", "first_token_ts", "last_token_ts"};
constexpr std::size_t most_faults = 20;

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& each : names) out += (out.empty() ? "" : ", ") + each;
  return out;
}

std::size_t shared(const std::vector<std::string>& wanted, const std::vector<std::string>& found) {
  return static_cast<std::size_t>(std::count_if(wanted.begin(), wanted.end(), [&](const std::string& each) {
    return std::find(found.begin(), found.end(), each) != found.end();
  }));
}

/// Columns of times, rates and energies, by the way in which such tables name them.
bool looks_measured(const std::string& column) {
  for (const char* part : {"_ms_", "tok_s", "req_s", "iter_ms", "energy_"}) {
    if (column.find(part) != std::string::npos) return true;
  }
  return false;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t end = std::min(text.find(';', from), text.size());
    out.emplace_back(trimmed(std::string_view(text).substr(from, end - from)));
    from = end + 1;
  }
  return out;
}

/// Reads cells by column name and collects what is wrong with them.
class Cells {
 public:
  explicit Cells(CsvReader& csv) : csv_(csv) {
    for (std::size_t i = 0; i < csv.columns().size(); ++i) positions_.emplace(csv.columns()[i], i);
  }

  /// Reads the next record whose number of cells fits the header.
  bool next() {
    while (csv_.next()) {
      if (csv_.fields().size() == csv_.columns().size()) return true;
      fault("", "has " + std::to_string(csv_.fields().size()) + " cells, but the header names " +
                    std::to_string(csv_.columns().size()) + " columns");
    }
    return false;
  }

  std::string text(const std::string& column) const {
    const auto at = positions_.find(column);
    return at == positions_.end() ? std::string() : std::string(trimmed(csv_.field(at->second)));
  }

  std::optional<double> number(const std::string& column) {
    const std::string cell = text(column);
    if (cell.empty()) return std::nullopt;
    double value = 0;
    const auto end = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    if (end.ec != std::errc() || end.ptr != cell.data() + cell.size() || !std::isfinite(value)) {
      fault(column, "\"" + cell + "\" is not a number");
      return std::nullopt;
    }
    return value;
  }

  /// A number that must be above 0: a measurement of nothing has no relative error.
  std::optional<double> positive(const std::string& column) {
    const auto value = number(column);
    if (!value || *value > 0) return value;
    fault(column, "\"" + text(column) + "\" must be above 0; leave the cell empty where nothing was measured");
    return std::nullopt;
  }

  double needed(const std::string& column) {
    if (text(column).empty()) fault(column, "is empty, but every request of a log needs it");
    return number(column).value_or(0);
  }

  std::int64_t tokens(const std::string& column) {
    std::int64_t value = 0;
    const std::string_view problem = read_tokens(text(column), value);
    if (!problem.empty() || value < 1) {
      fault(column, "\"" + text(column) + "\" is not a number of tokens, a whole number of at least 1");
      return 1;
    }
    return value;
  }

  void fault(const std::string& column, std::string message) {
    if (faults_.size() == most_faults) message = "there are more faults than these; the rest is not shown";
    if (faults_.size() > most_faults) return;
    faults_.push_back({csv_.file().label, static_cast<int>(csv_.line()), column, std::move(message)});
  }

  std::int64_t line() const { return csv_.line(); }

  void finish() {
    if (!faults_.empty()) throw InputError(std::move(faults_));
  }

 private:
  CsvReader& csv_;
  std::map<std::string, std::size_t> positions_;
  std::vector<Fault> faults_;
};

MeasuredRow read_row(Cells& cells, const std::vector<std::string>& metrics) {
  MeasuredRow row;
  row.line = cells.line();
  row.id = cells.text("id");
  row.quality = cells.text("quality");
  row.device = cells.text("device_key");
  row.engine = cells.text("engine");
  row.engine_version = cells.text("engine_version");
  row.model = cells.text("model");
  row.weights = cells.text("weights_precision");
  row.kv = cells.text("kv_precision");
  row.lengths = cells.text("len_dist");
  row.load_mode = cells.text("load_mode");
  row.load_value = cells.text("load_value");
  row.speculation = cells.text("spec_decode");
  row.source = cells.text("source");
  row.notes = cells.text("notes");
  row.devices = cells.positive("n_devices");
  row.tensor = cells.positive("tp");
  row.pipeline = cells.positive("pp");
  row.expert = cells.positive("ep");
  row.data = cells.positive("dp");
  row.input_tokens = cells.positive("isl");
  row.output_tokens = cells.positive("osl");
  const auto names = split(cells.text("other_metric"));
  const auto values = split(cells.text("other_value"));
  for (std::size_t i = 0; i < std::min(names.size(), values.size()); ++i) row.settings.emplace(names[i], values[i]);
  for (const std::string& metric : metrics) {
    if (const auto value = cells.positive(metric)) row.measured.emplace(metric, *value);
  }
  if (row.id.empty()) cells.fault("id", "is empty; every row needs a name of its own");
  return row;
}

MeasuredTable read_rows(CsvReader& csv) {
  (void)csv.positions(serving_columns);
  MeasuredTable table;
  std::vector<std::string> metrics;
  for (const std::string& column : csv.columns()) {
    if (find_metric(column) != nullptr) {
      metrics.push_back(column);
    } else if (looks_measured(column)) {
      table.not_compared.push_back(column);
    }
  }
  Cells cells(csv);
  while (cells.next()) table.rows.push_back(read_row(cells, metrics));
  cells.finish();
  return table;
}

MeasuredTable read_logs(CsvReader& csv) {
  (void)csv.positions(log_columns);
  MeasuredTable table;
  Cells cells(csv);
  while (cells.next()) {
    LoggedRequest request;
    request.line = cells.line();
    request.input_tokens = cells.tokens("input_toks");
    request.output_tokens = cells.tokens("output_toks");
    request.queued_s = cells.needed("queued_ts");
    request.first_token_s = cells.needed("first_token_ts");
    request.last_token_s = cells.needed("last_token_ts");
    if (!(request.queued_s < request.first_token_s && request.first_token_s <= request.last_token_s)) {
      cells.fault("queued_ts", "the request is not queued before its first token, or that comes after its last one");
    }
    table.runs[cells.text("run")].push_back(request);
  }
  cells.finish();
  for (auto& [name, requests] : table.runs) {
    std::stable_sort(requests.begin(), requests.end(),
                     [](const LoggedRequest& a, const LoggedRequest& b) { return a.queued_s < b.queued_s; });
  }
  return table;
}

}  // namespace

MeasuredTable read_measured_table(const TraceFile& file) {
  // The reader of lines says these two in words that are about traces of requests.
  std::error_code unreadable;
  if (std::filesystem::is_directory(file.path, unreadable)) {
    throw InputError({Fault{file.label, 0, "", "is a directory; name one file of measurements in it"}});
  }
  if (std::filesystem::is_regular_file(file.path, unreadable) && std::filesystem::is_empty(file.path, unreadable)) {
    throw InputError({Fault{file.label, 0, "", "is empty; its first line must name the columns"}});
  }
  CsvReader csv(file);
  const std::size_t serving = shared(serving_columns, csv.columns());
  const std::size_t log = shared(log_columns, csv.columns());
  if (std::max(serving, log) < 3) {
    throw InputError({Fault{file.label, 1, "",
                            "is no table of measurements that is known here: a table of serving runs has the columns " +
                                listed(serving_columns) + "; a log of requests has " + listed(log_columns)}});
  }
  MeasuredTable table = serving >= log ? read_rows(csv) : read_logs(csv);
  if (table.rows.empty() && table.runs.empty()) {
    throw InputError({Fault{file.label, 0, "", "has no rows below its header; there is nothing to compare"}});
  }
  return table;
}

}  // namespace memwall::accuracy
