#include "tools/sweep/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "sim/base/error.hpp"
#include "sim/base/suggest.hpp"
#include "sim/base/tier.hpp"
#include "sim/metrics/csv.hpp"
#include "tools/compare/contender.hpp"
#include "tools/results/summary_view.hpp"
#include "tools/sweep/aligned.hpp"

namespace memwall::tools::sweep {
namespace {

constexpr std::array<const char*, 4> usual = {"/throughput/output_tokens_per_s", "/latency/ttft_s/p95",
                                              "/latency/tpot_s/p95", "/cost/usd_per_mtok_output"};

Column column_of(const std::string& pointer) {
  for (const compare::Measure& measure : compare::measures()) {
    if (measure.pointer == pointer) return {std::string(measure.name), pointer, measure.scale};
  }
  return {pointer.substr(1), pointer, 1};
}

std::map<std::int64_t, std::string> bottlenecks(Store& store) {
  std::map<std::int64_t, std::pair<double, std::string>> best;
  for (const std::string_view tier : tier_names) {
    for (const auto& [point, share] : store.metric("/cycles/bottleneck_share/" + std::string(tier))) {
      auto& leader = best[point];
      if (share > leader.first) leader = {share, std::string(tier)};
    }
  }
  std::map<std::int64_t, std::string> out;
  for (const auto& [point, leader] : best) out.emplace(point, leader.second);
  return out;
}

/// The last word of each pointer, which tells enough where no two axes end in the same; whole pointers otherwise.
std::vector<std::string> names_of(const Parameters& parameters) {
  std::vector<std::string> words;
  std::vector<std::string> pointers;
  for (const Parameter& each : parameters) {
    pointers.push_back(each.pointer);
    words.push_back(each.pointer.substr(each.pointer.rfind('/') + 1));
  }
  const std::set<std::string> distinct(words.begin(), words.end());
  return distinct.size() == words.size() ? words : pointers;
}

std::string cell(const Report& report, std::size_t column, const StoredPoint& point) {
  const auto found = report.values[column].find(point.id);
  if (found == report.values[column].end()) return point.status == "done" ? "-" : point.status;
  return fmt::format("{:.4g}", found->second * report.columns[column].scale);
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

Report read_report(Store& store, const std::vector<std::string>& show) {
  Report report;
  report.points = store.points();
  std::vector<std::string> pointers = show;
  if (pointers.empty()) pointers.assign(usual.begin(), usual.end());
  const bool some_ran = std::any_of(report.points.begin(), report.points.end(),
                                    [](const StoredPoint& point) { return point.status == "done"; });
  std::vector<Fault> faults;
  for (const std::string& pointer : pointers) {
    if (!pointer.starts_with("/")) {
      throw InputError("--show " + pointer + ": write a pointer into summary.json, such as /latency/ttft_s/p95");
    }
    report.columns.push_back(column_of(pointer));
    auto values = store.metric(pointer);
    if (absent_is_zero(pointer)) {
      for (const StoredPoint& point : report.points) {
        if (point.status == "done") values.emplace(point.id, 0.0);
      }
    }
    if (values.empty() && some_ran && !show.empty()) {
      faults.push_back(
          {{}, 0, "--show " + pointer, "no point has a number there; " + suggestion(pointer, store.metric_pointers())});
    }
    report.values.push_back(std::move(values));
  }
  if (!faults.empty()) throw InputError(std::move(faults));
  report.bottleneck = bottlenecks(store);
  return report;
}

std::string report_text(const Report& report, std::size_t most_rows) {
  if (report.points.empty()) return "";
  const Parameters& axes = report.points.front().parameters;
  std::vector<std::vector<std::string>> rows = {{"point"}};
  for (const std::string& name : names_of(axes)) rows.front().push_back(name);
  for (const Column& column : report.columns) rows.front().push_back(column.title);
  rows.front().push_back("bottleneck");
  std::map<std::string, std::size_t> reasons;
  for (const StoredPoint& point : report.points) {
    if (!point.reason.empty()) ++reasons[point.status + ": " + first_line(point.reason)];
    if (rows.size() > most_rows) continue;
    std::vector<std::string> row = {std::to_string(point.id)};
    for (const Parameter& each : point.parameters) row.push_back(each.value);
    for (std::size_t i = 0; i < report.columns.size(); ++i) row.push_back(cell(report, i, point));
    const auto tier = report.bottleneck.find(point.id);
    row.push_back(tier == report.bottleneck.end() ? "-" : tier->second);
    rows.push_back(std::move(row));
  }
  std::string out = aligned(rows, 1 + axes.size());
  if (report.points.size() > most_rows) {
    out += fmt::format("  and {} more; --csv FILE writes all\n", report.points.size() - most_rows);
  }
  constexpr std::size_t most_reasons = 10;
  std::size_t told = 0;
  for (const auto& [reason, count] : reasons) {
    if (++told > most_reasons) break;
    out += fmt::format("  {} x {}\n", count, reason);
  }
  if (reasons.size() > most_reasons) out += fmt::format("  and {} other reasons\n", reasons.size() - most_reasons);
  return out;
}

std::string report_csv(const Report& report) {
  std::string out = "point,status";
  if (!report.points.empty()) {
    for (const Parameter& each : report.points.front().parameters) out += "," + csv_cell(each.pointer);
  }
  for (const Column& column : report.columns) out += "," + csv_cell(column.pointer);
  out += ",bottleneck,reason\n";
  for (const StoredPoint& point : report.points) {
    out += fmt::format("{},{}", point.id, point.status);
    for (const Parameter& each : point.parameters) out += "," + csv_cell(each.value);
    for (const auto& values : report.values) {
      const auto found = values.find(point.id);
      out += found == values.end() ? "," : fmt::format(",{}", found->second);
    }
    const auto tier = report.bottleneck.find(point.id);
    out += "," + (tier == report.bottleneck.end() ? std::string() : tier->second) + "," + csv_cell(point.reason) + "\n";
  }
  return out;
}

}  // namespace memwall::tools::sweep
