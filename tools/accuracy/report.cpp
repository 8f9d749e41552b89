#include "tools/accuracy/report.hpp"

#include <fmt/format.h>

#include <cmath>

#include "sim/config/json_writer.hpp"
#include "sim/metrics/csv.hpp"

namespace memwall::accuracy {
namespace {

constexpr const char* line_format = "  {:<40}{:<18}{:>5}{:>9}{:>9}{:>9}  {:<20}{}\n";

std::string percent(double share) {
  const bool huge = std::abs(share) >= 10;
  return fmt::format("{:+.{}f}", share * 100, huge ? 0 : 1);
}

void add_errors(std::string& text, const RegimeErrors& each, const std::string& name) {
  text += fmt::format(line_format, name, each.metric, each.figures, fmt::format("{:.1f}", each.median_absolute * 100),
                      percent(each.median), percent(each.worst), each.worst_id, each.bottleneck);
}

void write_errors(JsonWriter& json, const RegimeErrors& each) {
  json.member("metric", each.metric).member("figures", each.figures);
  json.member("median_absolute_error", each.median_absolute).member("median_error", each.median);
  json.member("worst_error", each.worst).member("worst_id", each.worst_id).member("bottleneck", each.bottleneck);
}

}  // namespace

std::string table(const Study& study) {
  std::string text = fmt::format("{}: {} rows, {} simulated, {} figures compared\n\n", study.file, study.rows,
                                 study.simulated, study.figures.size());
  if (!study.figures.empty()) {
    text +=
        fmt::format(line_format, "regime", "metric", "rows", "|err| %", "err %", "worst %", "worst row", "bottleneck");
    for (const RegimeErrors& each : study.regimes) add_errors(text, each, each.regime.text());
    text += "\n";
    for (const RegimeErrors& each : study.totals) add_errors(text, each, "all");
  }
  std::int64_t left_out = 0;
  for (const auto& [reason, rows] : study.unsupported) left_out += rows;
  text += fmt::format("\nnot simulated: {} rows\n", left_out);
  for (const auto& [reason, rows] : study.unsupported) text += fmt::format("  {:>5}  {}\n", rows, reason);
  std::map<std::string, std::int64_t> assumptions;
  for (const Figure& figure : study.figures) {
    if (!figure.assumption.empty()) ++assumptions[figure.assumption];
  }
  if (!assumptions.empty()) text += "\nassumed, because the rows leave it open (figures that rest on it):\n";
  for (const auto& [what, figures] : assumptions) text += fmt::format("  {:>5}  {}\n", figures, what);
  if (!study.not_compared.empty()) {
    text += "\ncolumns not compared:";
    for (const std::string& column : study.not_compared) text += " " + column;
    text += "\n";
  }
  return text;
}

std::string figures_csv(const Study& study) {
  std::string text = "id,metric,measured,simulated,error,bottleneck,regime,assumption\n";
  for (const Figure& each : study.figures) {
    text += fmt::format("{},{},{},{},{:.6f},{},{},{}\n", csv_cell(each.id), each.metric, each.measured, each.simulated,
                        each.error(), each.bottleneck, csv_cell(each.regime.text()), csv_cell(each.assumption));
  }
  return text;
}

std::string study_json(const Study& study) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("schema", 1).member("file", study.file);
  json.member("rows", study.rows).member("simulated", study.simulated).key("regimes").begin_list();
  for (const RegimeErrors& each : study.regimes) {
    json.begin_object().member("device", each.regime.device).member("class", each.regime.model_class);
    json.member("phase", each.regime.phase).member("batch", band_of(each.regime.band).text);
    write_errors(json, each);
    json.end_object();
  }
  json.end_list().key("totals").begin_list();
  for (const RegimeErrors& each : study.totals) {
    json.begin_object();
    write_errors(json, each);
    json.end_object();
  }
  json.end_list().key("unsupported").begin_list();
  for (const auto& [reason, rows] : study.unsupported) {
    json.begin_object().member("reason", reason).member("rows", rows).end_object();
  }
  json.end_list().key("columns_not_compared").begin_list();
  for (const std::string& column : study.not_compared) json.value(column);
  json.end_list().end_object().finish();
  return text;
}

}  // namespace memwall::accuracy
