#include "tools/compare/matrix.hpp"

#include <algorithm>

#include "sim/base/error.hpp"
#include "tools/compare/metric.hpp"
#include "tools/compare/variants.hpp"

namespace memwall::tools::compare {
namespace {

/// What rows are made of; an absent part is the scenario's own.
struct RowKey {
  std::optional<std::string> traffic;
  std::optional<std::string> model;
};

std::vector<std::optional<std::string>> or_own(const std::vector<std::string>& names) {
  if (names.empty()) return {std::nullopt};
  return {names.begin(), names.end()};
}

Contender run_cell(const Field& field, std::size_t scenario, const RowKey& key) {
  Sheet sheet = field.sheets[scenario];
  // A scenario that the device cannot run with its own model may run with another.
  if (key.model) sheet.refusal.clear();
  try {
    if (key.traffic) sheet = with_traffic(sheet, *key.traffic);
    if (key.model) sheet = with_model(sheet, *key.model, field.catalogue);
  } catch (const InputError& error) {
    sheet.refusal = error.what();
  }
  return run_contender(sheet, field.catalogue, field.replications);
}

Cell cell_of(const Contender& run, const Measure& measure) {
  Cell out;
  out.refusal = run.refusal;
  if (!out.refusal.empty()) return out;
  out.devices = run.devices();
  out.value = run.value(measure);
  if (!out.value) out.refusal = "there is no " + measure.name + " of it";
  if (out.value && *out.value <= 0) {
    out.value.reset();
    out.refusal = "its " + measure.name + " is 0, which nothing can be compared with";
  }
  return out;
}

/// Names that nobody knows are told once, before anything runs.
void check(const Field& field, const std::vector<std::string>& models, const std::vector<std::string>& traffic) {
  for (const std::string& model : models) (void)generation(model, field.catalogue);
  for (const std::string& name : traffic) (void)with_traffic(field.sheets.front(), name);
}

std::string own_model(const Sheet& sheet) {
  const json::Node* model = sheet.document.tree().root.find("model");
  const json::Node* config = model == nullptr ? nullptr : model->find("config");
  return config == nullptr ? "as given" : config->text;
}

}  // namespace

std::optional<std::size_t> Row::winner() const {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (cells[i].regret && *cells[i].regret == 0) return i;
  }
  return std::nullopt;
}

Matrix::Worst Matrix::worst(std::size_t scenario) const {
  Worst out;
  for (const Row& row : rows) {
    const Cell& cell = row.cells[scenario];
    if (cell.regret) {
      out.regret = std::max(out.regret, *cell.regret);
    } else {
      ++out.refusals;
    }
  }
  return out;
}

std::optional<std::size_t> Matrix::most_robust() const {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Worst mine = worst(i);
    if (mine.refusals == rows.size()) continue;
    if (best) {
      const Worst other = worst(*best);
      const bool better = mine.refusals != other.refusals ? mine.refusals < other.refusals : mine.regret < other.regret;
      if (!better) continue;
    }
    best = i;
  }
  return best;
}

void set_regrets(Row& row, bool higher_is_better) {
  std::optional<double> best;
  for (const Cell& cell : row.cells) {
    if (!cell.value) continue;
    if (!best || (higher_is_better ? *cell.value > *best : *cell.value < *best)) best = cell.value;
  }
  for (Cell& cell : row.cells) {
    if (cell.value) cell.regret = (higher_is_better ? *best / *cell.value : *cell.value / *best) - 1;
  }
}

Matrix matrix_of(const Field& field, const std::vector<std::string>& models, const std::vector<std::string>& traffic,
                 const std::optional<std::string>& metric) {
  check(field, models, traffic);
  std::vector<RowKey> keys;
  for (const auto& each : or_own(traffic)) {
    for (const auto& model : or_own(models)) keys.push_back({each, model});
  }
  const std::size_t width = field.sheets.size();
  std::vector<Contender> runs(keys.size() * width);
  field.parallel(runs.size(), [&](std::size_t i) { runs[i] = run_cell(field, i % width, keys[i / width]); });
  Matrix out{measure_for(metric, runs), {}, {}};
  for (const Sheet& sheet : field.sheets) out.names.push_back(sheet.name);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    Row row;
    row.traffic = keys[i].traffic.value_or("as given");
    row.model = keys[i].model.value_or(own_model(field.sheets.front()));
    if (row.model != "as given") row.kind = keys[i].model ? generation(row.model, field.catalogue) : "";
    for (std::size_t j = 0; j < width; ++j) row.cells.push_back(cell_of(runs[i * width + j], out.measure));
    set_regrets(row, out.measure.higher_is_better);
    out.rows.push_back(std::move(row));
  }
  return out;
}

}  // namespace memwall::tools::compare
