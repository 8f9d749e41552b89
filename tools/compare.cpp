// memwall compare
#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "sim/base/error.hpp"
#include "tools/compare/adapt.hpp"
#include "tools/compare/gate.hpp"
#include "tools/compare/metric.hpp"
#include "tools/compare/names.hpp"
#include "tools/compare/page.hpp"
#include "tools/compare/report.hpp"
#include "tools/compare_questions.hpp"
#include "tools/jobs.hpp"
#include "tools/options.hpp"
#include "tools/results/files.hpp"
#include "tools/results/scenario_files.hpp"
#include "tools/verbs.hpp"

namespace memwall::tools {
namespace {

using namespace compare;
using Kind = Option::Kind;

Options describe_options() {
  Options options;
  options.usage = "compare A|DIR B... | A --devices X,Y... [--replications N] [--fail-on GATE]... [--json FILE]";
  options.example = "memwall compare scenarios/devices/h100_sxm.json scenarios/devices/b200_sxm.json";
  options.words = "scenario";
  options.options = {
      {"devices", Kind::value, "one scenario on each of these devices, with as few of them as hold its model"},
      {"replications", Kind::value, "runs of each, with one seed after another; gives differences their intervals"},
      {"any-workload", Kind::flag, "also where the scenarios do not get the same requests"},
      {"metric", Kind::value, "pointer into summary.json by which winners are told; default: USD for output tokens"},
      {"fail-on", Kind::repeated, "a gate such as '/latency/ttft_s/p95<=1.05' of the first; broken: exit 1"},
      set_option(),
      {"jobs", Kind::value, "runs at a time; by default as many as the machine has cores"},
      {"json", Kind::value, "write the comparison there, answers included"},
      {"csv", Kind::value, "write the table of the one question that has one there"},
      {"vega", Kind::value, "write the drawing of the one question that has one there, as Vega-Lite"},
      {"report", Kind::value, "write it there as an HTML page"},
      search_option(),
  };
  for (const Question& question : compare_questions()) {
    options.options.insert(options.options.end(), question.options.begin(), question.options.end());
  }
  return options;
}

std::int64_t positive(const Arguments& given, const std::string& name, std::int64_t fallback) {
  const std::int64_t value = given.whole_number(name).value_or(fallback);
  if (value < 1) throw InputError("--" + name + " 0: must be 1 or more");
  return value;
}

/// The scenarios as given, or the one scenario on each of the devices.
std::vector<Sheet> sheets_of(const Arguments& given, const Catalogue& catalogue, const std::string& usage) {
  std::vector<std::string> paths = given.list("scenario");
  if (!paths.empty()) paths = find_scenarios(paths);
  const std::vector<std::string> edits = given.list("set");
  const std::optional<std::string> devices = given.text("devices");
  if (devices && paths.size() != 1) throw InputError("--devices wants one scenario; usage: memwall " + usage);
  std::vector<Sheet> out;
  for (const std::string& path : paths) out.push_back(load_sheet(path, edits));
  if (devices) {
    const Sheet base = out.front();
    out.clear();
    for (const std::string& device : listed("--devices", *devices)) out.push_back(on_device(base, device, catalogue));
  }
  if (out.size() < 2) throw InputError("two scenarios or more are wanted; usage: memwall " + usage);
  return out;
}

/// The one answer that has such a file.
std::string only(const std::vector<Answer>& answers, std::string Answer::*file, const std::string& option) {
  std::string out;
  for (const Answer& answer : answers) {
    if ((answer.*file).empty()) continue;
    if (!out.empty()) throw InputError(option + " holds the answer to one question; ask one at a time");
    out = answer.*file;
  }
  if (out.empty())
    throw InputError(option + " holds the answer to a question that has one, such as --concurrency 1,8,64");
  return out;
}

}  // namespace

Options compare_options() { return describe_options(); }

int compare_verb(const std::vector<std::string>& words) {
  const Options options = describe_options();
  const std::optional<Arguments> given = options.parse(words);
  if (!given) return exit_done;
  if (given->has("report")) page::require_pages();
  std::vector<Gate> gates;
  for (const std::string& text : given->list("fail-on")) gates.push_back(parse_gate(text));
  const std::int64_t replications = positive(*given, "replications", 1);
  const auto cores = static_cast<std::int64_t>(std::max(1U, std::thread::hardware_concurrency()));
  const auto jobs = static_cast<std::size_t>(positive(*given, "jobs", cores));
  if (const auto metric = given->text("metric")) (void)measure_called(*metric);

  const Catalogue catalogue = program_catalogue(given->list("search"));
  Field field{catalogue, sheets_of(*given, catalogue, options.usage), {}, replications, {}};
  field.parallel = [jobs](std::size_t count, const auto& work) { run_jobs(count, jobs, work); };
  if (!given->has("any-workload")) require_same_traffic(field.sheets, catalogue);
  field.contenders = run_contenders(field.sheets, catalogue, replications, field.parallel);
  std::string text = comparison_text(field.contenders);
  std::vector<Answer> answers;
  for (const Question& question : compare_questions()) {
    if (!question.asked(*given)) continue;
    answers.push_back(question.ask(field, *given));
    text += answers.back().text;
  }
  if (const auto file = given->text("report")) {
    write_file(*file, page::html(comparison_page(field.contenders, comparison_text(field.contenders), answers)));
  }
  int exit = exit_done;
  for (const Gate& gate : gates) {
    for (const std::string& sentence : broken_gate(gate, field.contenders)) {
      text += fmt::format("broken: {}\n", sentence);
      exit = exit_missed;
    }
  }
  fmt::print("{}", text);
  if (const auto file = given->text("json")) write_file(*file, comparison_json(field.contenders, answers));
  if (const auto file = given->text("csv")) write_file(*file, only(answers, &Answer::csv, "--csv"));
  if (const auto file = given->text("vega")) write_file(*file, only(answers, &Answer::vega, "--vega"));
  return exit;
}

}  // namespace memwall::tools
