#include "tools/compare/levers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "sim/base/error.hpp"
#include "tools/compare/variants.hpp"
#include "tools/compare/vega.hpp"
#include "tools/results/json_nodes.hpp"

namespace memwall::tools::compare {
namespace {

std::string own_model(const Sheet& sheet) {
  const json::Node* model = sheet.document.tree().root.find("model");
  const json::Node* config = model == nullptr ? nullptr : model->find("config");
  if (config == nullptr) throw InputError(sheet.path + ": --levers wants a scenario with one \"model\"");
  return config->text;
}

Sheet with_lever(const Sheet& sheet, const Lever& lever) {
  Sheet out = sheet;
  out.document.set({fmt::format("/model/{}={}", lever.key, lever.value)});
  return out;
}

Sheet with_student(const Sheet& sheet, const std::optional<std::string>& student, const Catalogue& catalogue) {
  const std::string teacher = own_model(sheet);
  const std::string name = student ? *student : std::string(distilled_from(teacher));
  if (name.empty()) {
    Sheet out = sheet;
    out.refusal = "no model that was distilled from " + teacher + " is known; name one with --distilled";
    return out;
  }
  return with_model(sheet, name, catalogue);
}

LeverCell cell_of(const Contender& run, const Measure& measure) {
  LeverCell out;
  out.refusal = run.refusal;
  if (out.refusal.empty()) out.value = run.value(measure);
  if (out.refusal.empty() && (!out.value || *out.value <= 0)) {
    out.value.reset();
    out.refusal = "there is no " + measure.name + " of it";
  }
  return out;
}

std::optional<double> times_better(const LeverCell& than, const LeverCell& cell, bool higher_is_better) {
  if (!than.value || !cell.value) return std::nullopt;
  return higher_is_better ? *cell.value / *than.value : *than.value / *cell.value;
}

void set_ratios(std::vector<LeverRow>& rows, bool higher_is_better) {
  for (LeverRow& row : rows) {
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      row.cells[i].gain = times_better(rows.front().cells[i], row.cells[i], higher_is_better);
      row.cells[i].advantage = times_better(row.cells.front(), row.cells[i], higher_is_better);
    }
  }
}

std::string cell_text(const LeverCell& cell) {
  if (!cell.value) return "refused";
  std::string out = fmt::format("{:.4g}", *cell.value);
  if (cell.gain) out += fmt::format("  x{:.3f}", *cell.gain);
  if (cell.advantage) out += fmt::format("  x{:.3f}", *cell.advantage);
  return out;
}

std::string text_of(const Field& field, const std::vector<LeverRow>& rows, const Measure& measure) {
  std::size_t width = 28;
  for (const Sheet& sheet : field.sheets) width = std::max(width, sheet.name.size() + 2);
  std::string out = fmt::format("\nlevers: {}, times better by the lever, times better than {}\n  {:<18}", measure.name,
                                field.sheets.front().name, "");
  for (const Sheet& sheet : field.sheets) out += fmt::format("{:>{}}", sheet.name, width);
  out += '\n';
  std::string refusals;
  for (const LeverRow& row : rows) {
    out += fmt::format("  {:<18}", row.name);
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      out += fmt::format("{:>{}}", cell_text(row.cells[i]), width);
      if (row.cells[i].value) continue;
      refusals += fmt::format("  refused: {}, {}: {}\n", field.sheets[i].name, row.name, row.cells[i].refusal);
    }
    out += '\n';
  }
  for (const LeverRow& row : rows) {
    if (!row.what.empty()) out += fmt::format("  {}: {}\n", row.name, row.what);
  }
  return out + refusals;
}

void write_json(JsonWriter& json, const std::vector<std::string>& names, const std::vector<LeverRow>& rows,
                const Measure& measure) {
  json.begin_object().member("metric", measure.pointer).member("name", measure.name).key("rows").begin_list();
  for (const LeverRow& row : rows) {
    json.begin_object().member("lever", row.name).member("what", row.what).key("cells").begin_list();
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      const LeverCell& cell = row.cells[i];
      json.begin_object().member("scenario", names[i]);
      if (cell.value) json.member("value", *cell.value);
      if (cell.gain) json.member("gain", *cell.gain);
      if (cell.advantage) json.member("advantage", *cell.advantage);
      if (!cell.value) json.member("refused", cell.refusal);
      json.end_object();
    }
    json.end_list().end_object();
  }
  json.end_list().end_object();
}

std::string csv_of(const std::vector<std::string>& names, const std::vector<LeverRow>& rows) {
  const auto number = [](const std::optional<double>& value) {
    return value ? fmt::format("{}", *value) : std::string();
  };
  std::string out = "lever,scenario,value,gain,advantage,refused\n";
  for (const LeverRow& row : rows) {
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      const LeverCell& cell = row.cells[i];
      out += fmt::format("{},{},{},{},{},{}\n", csv_field(row.name), csv_field(names[i]), number(cell.value),
                         number(cell.gain), number(cell.advantage), csv_field(cell.refusal));
    }
  }
  return out;
}

std::string vega_of(const std::vector<std::string>& names, const std::vector<LeverRow>& rows) {
  const auto values = [&](JsonWriter& json) {
    for (const LeverRow& row : rows) {
      for (std::size_t i = 0; i < row.cells.size(); ++i) {
        if (!row.cells[i].advantage) continue;
        json.begin_object().member("lever", row.name).member("scenario", names[i]);
        json.member("advantage", *row.cells[i].advantage).member("gain", *row.cells[i].gain).end_object();
      }
    }
  };
  return vega_text(values, R"({"mark": {"type": "line", "point": true}, "encoding": {
    "x": {"field": "lever", "type": "nominal", "sort": null, "title": null},
    "y": {"field": "advantage", "type": "quantitative", "title": "times better than the first", "scale": {"type": "log"}},
    "color": {"field": "scenario", "type": "nominal"}}})");
}

}  // namespace

std::span<const Lever> levers() {
  static constexpr std::array all = {
      Lever{"low-bit weights", "weights of 4 bits with a 16-bit scale for 128", "weights", "int4"},
      Lever{"KV compression", "a quarter of the cache's bytes, 2 kFLOP to expand a key", "kv_compression",
            R"({"ratio": 4, "expand": "2 kFLOP"})"},
      Lever{"sparse weights", "two of each four weights are zero", "weight_sparsity", R"({"pattern": "2:4"})"},
      Lever{"sparse attention",
            "2,048 keys a query, chosen by an index of 128 fp8 values and a scale a token, 64 heads (DeepSeek-V3.2)",
            "sparse_attention", R"({"tokens": 2048, "index_bytes": "132 B", "index_work": "16 kFLOP"})"},
  };
  return all;
}

std::string_view distilled_from(std::string_view model) {
  // DeepSeek-R1: arXiv 2501.12948, section 2.4. Llama 3.2 1B: pruned from 8B and taught by 8B and 70B (its model card).
  // The others are the next smaller model of the family, under the same tokens.
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> table = {{
      {"deepseek-ai/DeepSeek-R1", "meta-llama/Llama-3.1-70B"},
      {"deepseek-ai/DeepSeek-V3", "meta-llama/Llama-3.1-70B"},
      {"meta-llama/Llama-3.1-405B", "meta-llama/Llama-3.1-70B"},
      {"meta-llama/Llama-3.1-70B", "meta-llama/Llama-3.1-8B"},
      {"meta-llama/Llama-3.1-8B", "meta-llama/Llama-3.2-1B"},
      {"meta-llama/Llama-2-70b-hf", "meta-llama/Llama-2-7b-hf"},
      {"Qwen/Qwen3-235B-A22B", "Qwen/Qwen3-30B-A3B"},
      {"openai/gpt-oss-120b", "openai/gpt-oss-20b"},
  }};
  for (const auto& [teacher, student] : table) {
    if (teacher == model) return student;
  }
  return "";
}

std::vector<LeverRow> lever_rows(const Field& field, const std::optional<std::string>& student,
                                 const Measure& measure) {
  std::vector<LeverRow> rows;
  rows.push_back({"as given", "", {}});
  for (const Lever& lever : levers()) rows.push_back({std::string(lever.name), std::string(lever.what), {}});
  const std::string teacher = own_model(field.sheets.front());
  const std::string named = student ? *student : std::string(distilled_from(teacher));
  rows.push_back({"distillation", named.empty() ? "" : named + " in place of " + teacher, {}});

  if (student) (void)generation(*student, field.catalogue);
  const std::size_t width = field.sheets.size();
  std::vector<Contender> runs(rows.size() * width);
  field.parallel(runs.size(), [&](std::size_t i) {
    const std::size_t row = i / width;
    const Sheet& given = field.sheets[i % width];
    if (row == 0) {
      runs[i] = field.contenders[i];
    } else if (!given.refusal.empty() || row <= levers().size()) {
      runs[i] = run_contender(given.refusal.empty() ? with_lever(given, levers()[row - 1]) : given, field.catalogue,
                              field.replications);
    } else {
      runs[i] = run_contender(with_student(given, student, field.catalogue), field.catalogue, field.replications);
    }
  });
  for (std::size_t i = 0; i < runs.size(); ++i) rows[i / width].cells.push_back(cell_of(runs[i], measure));
  set_ratios(rows, measure.higher_is_better);
  return rows;
}

Answer levers_answer(const Field& field, const std::vector<LeverRow>& rows, const Measure& measure) {
  std::vector<std::string> names;
  for (const Sheet& sheet : field.sheets) names.push_back(sheet.name);
  Answer out;
  out.text = text_of(field, rows, measure);
  out.key = "levers";
  out.json = [names, rows, measure](JsonWriter& json) { write_json(json, names, rows, measure); };
  out.csv = csv_of(names, rows);
  out.vega = vega_of(names, rows);
  return out;
}

}  // namespace memwall::tools::compare
