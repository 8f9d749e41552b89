#include "tools/sweep/sensitivity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/base/error.hpp"
#include "sim/metrics/csv.hpp"
#include "sim/scenario/run.hpp"
#include "sim/scenario/what_if.hpp"
#include "tools/sweep/aligned.hpp"

namespace memwall::tools::sweep {
namespace {

void add_points(std::vector<Parameters>& points, const std::string& pointer, const WhatIf& what_if) {
  const auto changed = changed_keys(what_if);
  for (const WhatIfKey& key : what_if_keys()) {
    double factor = 1;
    for (const auto& [name, its] : changed) {
      if (name == key.name) factor = its;
    }
    for (const double step : {1 + sensitivity_step, 1 - sensitivity_step}) {
      points.push_back({{fmt::format("{}/what_if/{}", pointer, key.name), fmt::format("{:.12g}", factor * step)}});
    }
  }
}

std::optional<double> value_of(const Report& report, std::size_t column, std::int64_t id) {
  const auto found = report.values[column].find(id);
  return found == report.values[column].end() ? std::nullopt : std::optional(found->second);
}

std::optional<double> central(std::optional<double> base, std::optional<double> above, std::optional<double> below) {
  if (!base || !above || !below || *base == 0) return std::nullopt;
  return (*above - *below) / 2 / *base;
}

}  // namespace

double Sensitivity::largest() const {
  double out = 0;
  for (const auto& each : change) out = std::max(out, std::abs(each.value_or(0)));
  return out;
}

std::vector<Parameters> sensitivity_points(const Base& base) {
  RunOptions options;
  options.set = base.set;
  const LoadedScenario loaded =
      load_scenario(Document::parse(base.text, base.path), base.path, program_catalogue(base.search), options);
  std::vector<Parameters> points = {{}};
  for (std::size_t i = 0; i < loaded.scenario.pools.size(); ++i) {
    const PoolSpec& pool = loaded.scenario.pools[i];
    const std::string pointer = fmt::format("/pools/{}", i);
    add_points(points, pointer, pool.what_if);
    if (pool.feed_forward) add_points(points, pointer + "/ffn", pool.feed_forward->what_if);
  }
  return points;
}

Sensitivities sensitivities(Store& store, const std::vector<std::string>& show) {
  const Report report = read_report(store, show);
  law(!report.points.empty() && report.points.front().parameters.empty(),
      "sensitivities begin with the scenario as is");
  if (report.points.front().status != "done") throw InputError(report.points.front().reason);
  Sensitivities out;
  out.columns = report.columns;
  for (std::size_t i = 1; i + 1 < report.points.size(); i += 2) {
    const StoredPoint& above = report.points[i];
    const StoredPoint& below = report.points[i + 1];
    bool ran = true;
    for (const StoredPoint* each : {&above, &below}) {
      const Parameter& parameter = each->parameters.front();
      if (each->status == "done") continue;
      ran = false;
      out.refused.push_back({parameter.pointer, parameter.value, each->reason});
    }
    if (!ran) continue;
    Sensitivity row{above.parameters.front().pointer, {}};
    for (std::size_t column = 0; column < report.columns.size(); ++column) {
      row.change.push_back(
          central(value_of(report, column, 0), value_of(report, column, above.id), value_of(report, column, below.id)));
    }
    out.rows.push_back(std::move(row));
  }
  std::stable_sort(out.rows.begin(), out.rows.end(),
                   [](const Sensitivity& a, const Sensitivity& b) { return a.largest() > b.largest(); });
  return out;
}

std::string sensitivity_text(const Sensitivities& found) {
  std::vector<std::vector<std::string>> rows = {{"what_if"}};
  for (const Column& column : found.columns) rows.front().push_back(column.title);
  for (const Sensitivity& each : found.rows) {
    std::vector<std::string> row = {each.pointer};
    for (const auto& change : each.change) row.push_back(change ? fmt::format("{:+.2f} %", *change * 100) : "-");
    rows.push_back(std::move(row));
  }
  std::string out = fmt::format("what a rise by {:.0f} % does (half of the way from -{:.0f} % to +{:.0f} %)\n",
                                sensitivity_step * 100, sensitivity_step * 100, sensitivity_step * 100);
  out += aligned(rows, 1);
  if (!found.refused.empty()) out += "\nrefused\n";
  for (std::size_t i = 0; i < found.refused.size(); ++i) {
    const Sensitivities::Refusal& each = found.refused[i];
    const std::string reason = each.reason.substr(0, each.reason.find('\n'));
    // Mostly a key could change nothing at all, whichever way it moves.
    const bool both = i + 1 < found.refused.size() && found.refused[i + 1].pointer == each.pointer &&
                      found.refused[i + 1].reason == each.reason;
    out += both ? fmt::format("  {}: {}\n", each.pointer, reason)
                : fmt::format("  {} = {}: {}\n", each.pointer, each.value, reason);
    if (both) ++i;
  }
  return out;
}

std::string sensitivity_csv(const Sensitivities& found) {
  std::string out = "what_if";
  for (const Column& column : found.columns) out += "," + csv_cell(column.pointer);
  out += '\n';
  for (const Sensitivity& each : found.rows) {
    out += csv_cell(each.pointer);
    for (const auto& change : each.change) out += change ? fmt::format(",{}", *change) : ",";
    out += '\n';
  }
  return out;
}

}  // namespace memwall::tools::sweep
