#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "tools/compare/matrix.hpp"
#include "tools/compare/vega.hpp"

namespace memwall::tools::compare {
namespace {

/// Regret as a reader takes it in: percent below twice the best, times above.
std::string regret_text(double regret) {
  return regret < 1 ? fmt::format("+{:.0f} %", regret * 100) : fmt::format("x{:.3g}", regret + 1);
}

std::string cell_text(const Cell& cell) {
  if (!cell.value) return "refused";
  const std::string value = fmt::format("{:.4g} ({:g})", *cell.value, cell.devices);
  return *cell.regret == 0 ? "* " + value : fmt::format("{} {}", regret_text(*cell.regret), value);
}

std::string short_name(const std::string& traffic) { return std::filesystem::path(traffic).filename().string(); }

std::string robust_text(const Matrix& matrix) {
  const auto robust = matrix.most_robust();
  if (!robust) return "  no scenario has a value anywhere\n";
  const Matrix::Worst worst = matrix.worst(*robust);
  const std::size_t known = matrix.rows.size() - worst.refusals;
  const std::string how =
      worst.regret == 0 ? fmt::format("the best of each of {} rows", known)
                        : fmt::format("never worse than {} over the best of {} rows", regret_text(worst.regret), known);
  return fmt::format("  least worst regret: {}, {}{}\n", matrix.names[*robust], how,
                     worst.refusals == 0 ? "" : fmt::format("; refused in {}", worst.refusals));
}

std::string text_of(const Matrix& matrix) {
  std::size_t label = 20;
  std::size_t width = 20;
  for (const Row& row : matrix.rows) {
    label = std::max(label, std::max(row.model.size() + row.kind.size() + 4, short_name(row.traffic).size() + 2));
    for (const Cell& cell : row.cells) width = std::max(width, cell_text(cell).size() + 2);
  }
  for (const std::string& name : matrix.names) width = std::max(width, name.size() + 2);
  std::string out = fmt::format("\nmatrix of {}: * = best of the row, else how much over it; (devices)\n  {:<{}}",
                                matrix.measure.name, "", label);
  for (const std::string& name : matrix.names) out += fmt::format("{:>{}}", name, width);
  out += '\n';
  std::string refusals;
  for (std::size_t i = 0; i < matrix.rows.size(); ++i) {
    const Row& row = matrix.rows[i];
    if (i == 0 || row.traffic != matrix.rows[i - 1].traffic) out += fmt::format("  {}\n", short_name(row.traffic));
    out += fmt::format("  {:<{}}", "  " + row.model + (row.kind.empty() ? "" : ", " + row.kind), label);
    for (std::size_t j = 0; j < row.cells.size(); ++j) {
      out += fmt::format("{:>{}}", cell_text(row.cells[j]), width);
      if (row.cells[j].value) continue;
      refusals += fmt::format("  refused: {}, {}, {}: {}\n", matrix.names[j], row.model, short_name(row.traffic),
                              row.cells[j].refusal);
    }
    out += '\n';
  }
  out += fmt::format("  {:<{}}", "worst regret", label);
  for (std::size_t j = 0; j < matrix.names.size(); ++j) {
    const Matrix::Worst worst = matrix.worst(j);
    const bool none = worst.refusals == matrix.rows.size();
    out += fmt::format("{:>{}}", none ? "-" : regret_text(worst.regret), width);
  }
  out += fmt::format("\n  {:<{}}", "refusals", label);
  for (std::size_t j = 0; j < matrix.names.size(); ++j) out += fmt::format("{:>{}}", matrix.worst(j).refusals, width);
  return out + "\n" + robust_text(matrix) + refusals;
}

void write_json(JsonWriter& json, const Matrix& matrix) {
  json.begin_object().member("metric", matrix.measure.pointer).member("name", matrix.measure.name);
  json.key("rows").begin_list();
  for (const Row& row : matrix.rows) {
    json.begin_object().member("traffic", row.traffic).member("model", row.model);
    if (!row.kind.empty()) json.member("kind", row.kind);
    if (const auto winner = row.winner()) json.member("winner", matrix.names[*winner]);
    json.key("cells").begin_list();
    for (std::size_t j = 0; j < row.cells.size(); ++j) {
      const Cell& cell = row.cells[j];
      json.begin_object().member("scenario", matrix.names[j]);
      if (cell.value) {
        json.member("value", *cell.value).member("regret", *cell.regret).member("devices", cell.devices);
      } else {
        json.member("refused", cell.refusal);
      }
      json.end_object();
    }
    json.end_list().end_object();
  }
  json.end_list().key("scenarios").begin_list();
  for (std::size_t j = 0; j < matrix.names.size(); ++j) {
    const Matrix::Worst worst = matrix.worst(j);
    json.begin_object().member("name", matrix.names[j]);
    if (worst.refusals < matrix.rows.size()) json.member("worst_regret", worst.regret);
    json.member("refusals", worst.refusals).end_object();
  }
  json.end_list();
  if (const auto robust = matrix.most_robust()) json.member("least_worst_regret", matrix.names[*robust]);
  json.end_object();
}

std::string csv_of(const Matrix& matrix) {
  std::string out = "traffic,model,kind,scenario,devices,value,regret,winner,refused\n";
  for (const Row& row : matrix.rows) {
    for (std::size_t j = 0; j < row.cells.size(); ++j) {
      const Cell& cell = row.cells[j];
      out += fmt::format("{},{},{},{},", csv_field(row.traffic), csv_field(row.model), csv_field(row.kind),
                         csv_field(matrix.names[j]));
      out += cell.value
                 ? fmt::format("{},{},{},{},\n", cell.devices, *cell.value, *cell.regret, row.winner() == j ? 1 : 0)
                 : fmt::format(",,,0,{}\n", csv_field(cell.refusal));
    }
  }
  return out;
}

std::string vega_of(const Matrix& matrix) {
  const auto values = [&matrix](JsonWriter& json) {
    for (const Row& row : matrix.rows) {
      for (std::size_t j = 0; j < row.cells.size(); ++j) {
        const Cell& cell = row.cells[j];
        json.begin_object().member("traffic", short_name(row.traffic)).member("model", row.model);
        json.member("scenario", matrix.names[j]);
        if (cell.value) {
          json.member("value", *cell.value).member("regret", *cell.regret).member("label", cell_text(cell));
        } else {
          json.member("label", "refused");
        }
        json.end_object();
      }
    }
  };
  return vega_text(values, R"({"encoding": {
    "x": {"field": "scenario", "type": "nominal", "sort": null, "title": null},
    "y": {"field": "model", "type": "nominal", "sort": null, "title": null},
    "row": {"field": "traffic", "type": "nominal", "title": null}},
    "layer": [
      {"mark": "rect", "encoding": {"color": {"field": "regret", "type": "quantitative", "title": "over the best",
        "scale": {"type": "symlog", "constant": 0.1, "scheme": "redyellowgreen", "reverse": true}}}},
      {"mark": "text", "encoding": {"text": {"field": "label"}}}]})");
}

}  // namespace

Answer matrix_answer(const Matrix& matrix) {
  Answer out;
  out.text = text_of(matrix);
  out.key = "matrix";
  out.json = [matrix](JsonWriter& json) { write_json(json, matrix); };
  out.csv = csv_of(matrix);
  out.vega = vega_of(matrix);
  return out;
}

}  // namespace memwall::tools::compare
