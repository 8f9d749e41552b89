// memwall run
#include "sim/scenario/run.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "sim/base/suggest.hpp"
#include "sim/config/schema.hpp"
#include "sim/scenario/summary.hpp"
#include "tools/jobs.hpp"
#include "tools/options.hpp"
#include "tools/outputs.hpp"
#include "tools/page/page.hpp"
#include "tools/results/what_if.hpp"
#include "tools/table.hpp"
#include "tools/terminal.hpp"
#include "tools/verbs.hpp"

namespace memwall::tools {
namespace {

Options describe_options() {
  Options options;
  options.usage =
      "run SCENARIO... [--out DIR] [--set /json/pointer=value]... [--seed N] [--cycles none|leaps|all] [--json] "
      "[--quiet]";
  options.example = "memwall run scenarios/quickstart.json --out results/quickstart";
  options.words = "scenario";
  using Kind = Option::Kind;
  options.options = {
      {"out", Kind::value,
       "write the files of docs/outputs.md there: summary.json, requests.csv, cycles.csv and others; with several "
       "scenarios in a folder for each"},
      set_option(),
      what_if_option(),
      {"seed", Kind::value, "in place of the scenario's seed"},
      {"cycles", Kind::value, "cycles.csv: none, leaps (a row a run of equal cycles; the default) or all"},
      search_option(),
      {"jobs", Kind::value, "threads for several scenarios, each of which runs on one; 1 by default"},
      {"reference", Kind::flag, "one cycle an event: slow, for comparison"},
      {"json", Kind::flag, "print summary.json instead of the table"},
      {"quiet", Kind::flag, "print nothing"},
      {"report", Kind::flag, "also write report.html there, see memwall report"},
      {"perfetto", Kind::flag, "also write trace.json there, a timeline for Perfetto"},
      {"save-detailed", Kind::flag, "single requests and tokens in result.json"},
      {"fail-on-slo", Kind::flag, "exit with 1 when an objective is missed"},
      {"schema", Kind::flag, "print the JSON Schema of scenarios"},
      {"schema-markdown", Kind::flag, "print the keys of scenarios as Markdown"},
  };
  return options;
}

int print_schema(const Catalogue& catalogue, bool markdown) {
  const std::vector<std::string> nowhere;
  const Schema schema = describe([&](Reader& reader) { (void)read_scenario(reader, catalogue, nowhere); });
  fmt::print("{}", markdown ? schema.markdown() : schema.json());
  return exit_done;
}

CycleRows cycle_rows(const Arguments& given, bool& written) {
  const std::string word = given.text("cycles").value_or("leaps");
  written = word != "none";
  if (word == "all") return CycleRows::all;
  if (word == "leaps" || word == "none") return CycleRows::leaps;
  const std::vector<std::string> known = {"none", "leaps", "all"};
  throw InputError("--cycles " + word + ": " + suggestion(word, known));
}

/// What one scenario's run prints, and how the program ends for it.
struct Ran {
  std::string text;
  int exit = exit_done;
};

/// What the words ask for, for every scenario alike.
struct Wish {
  RunOptions options;
  bool json = false;
  bool quiet = false;
  bool fail_on_slo = false;
  OutputWish outputs;
};

Wish read_wish(const Arguments& given) {
  Wish wish;
  wish.options.set = given.list("set");
  if (const auto seed = given.whole_number("seed")) wish.options.seed = static_cast<std::uint64_t>(*seed);
  wish.options.reference = given.has("reference");
  wish.options.every_cycle = cycle_rows(given, wish.outputs.cycles) == CycleRows::all;
  wish.json = given.has("json");
  wish.quiet = given.has("quiet");
  wish.fail_on_slo = given.has("fail-on-slo");
  wish.outputs.perfetto = given.has("perfetto");
  wish.outputs.save_detailed = given.has("save-detailed");
  wish.outputs.report = given.has("report");
  if (wish.outputs.report) page::require_pages();
  for (const char* option : {"perfetto", "save-detailed", "report"}) {
    if (!given.has(option) || given.text("out")) continue;
    throw InputError(std::string("--") + option + " writes beside the results; name their folder with --out");
  }
  return wish;
}

/// How many requests the workloads say that they have; nothing where one of them does not.
std::optional<std::int64_t> requests_in(const LoadedScenario& loaded) {
  std::int64_t sum = 0;
  std::vector<const json::Node*> workloads;
  if (const json::Node* one = loaded.resolved.find("workload")) workloads.push_back(one);
  if (const json::Node* several = loaded.resolved.find("workloads")) {
    for (const json::Node& each : several->items) workloads.push_back(&each);
  }
  for (const json::Node* each : workloads) {
    const json::Node* requests = each->find("requests");
    if (requests == nullptr || !requests->integer) return std::nullopt;
    sum += *requests->integer;
  }
  return workloads.empty() ? std::nullopt : std::optional(sum);
}

Ran run_one(const LoadedScenario& loaded, const Catalogue& catalogue, const Wish& wish, const std::string& out,
            bool show_progress) {
  const auto begin = std::chrono::steady_clock::now();
  RunOptions options = wish.options;
  std::optional<RunOutputs> outputs;
  if (!out.empty()) outputs.emplace(out, wish.outputs, loaded.scenario).listen(options);
  Progress progress(show_progress, requests_in(loaded));
  options.progress = [&progress](Time now, std::int64_t ended) { progress.show(now, ended); };
  const Outcome outcome = run(loaded.scenario, catalogue, loaded.build, options);
  const double wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();

  Ran ran;
  if (!wish.quiet)
    ran.text = wish.json ? summary_json(loaded, outcome, version)
                         : summary_table(loaded, outcome, colours_wanted(STDOUT_FILENO));
  if (outputs) {
    for (const std::string& path : outputs->finish(loaded, outcome, wall_s)) {
      if (!wish.quiet && !wish.json) ran.text += fmt::format("wrote {}\n", path);
    }
  }
  const auto missed = [](const Verdict& verdict) { return !verdict.met; };
  const auto& verdicts = outcome.results.verdicts;
  if (wish.fail_on_slo && std::any_of(verdicts.begin(), verdicts.end(), missed)) ran.exit = exit_missed;
  return ran;
}

/// Where each scenario's files go: the folder itself for one, a folder in it named after each for several.
std::vector<std::string> output_folders(const std::vector<std::string>& paths, const std::string& out) {
  std::vector<std::string> folders;
  for (const std::string& path : paths) {
    std::string folder = out;
    if (!out.empty() && paths.size() > 1) folder = (std::filesystem::path(out) / std::filesystem::path(path).stem());
    if (!out.empty() && std::find(folders.begin(), folders.end(), folder) != folders.end()) {
      throw InputError("--out " + out + ": two scenarios would write to " + folder + "; run one of them by itself");
    }
    folders.push_back(folder);
  }
  return folders;
}

/// Reads all of them before any runs, and tells the faults of all.
std::vector<LoadedScenario> load_all(const std::vector<std::string>& paths, const Catalogue& catalogue,
                                     const RunOptions& options, const std::vector<std::string>& what_if) {
  std::vector<LoadedScenario> loaded;
  std::vector<Fault> faults;
  for (const std::string& path : paths) {
    try {
      RunOptions edited = options;
      for (std::string& edit : what_if_edits(path, catalogue, options, what_if)) edited.set.push_back(std::move(edit));
      loaded.push_back(load_scenario(path, catalogue, edited));
    } catch (const InputError& error) {
      faults.insert(faults.end(), error.faults().begin(), error.faults().end());
    }
  }
  if (!faults.empty()) throw InputError(faults);
  return loaded;
}

}  // namespace

Options run_options() { return describe_options(); }

int run_verb(const std::vector<std::string>& words) {
  const Options options = describe_options();
  const std::optional<Arguments> arguments = options.parse(words);
  if (!arguments) return exit_done;
  const Arguments& given = *arguments;
  const Catalogue catalogue = program_catalogue(given.list("search"));
  if (given.has("schema") || given.has("schema-markdown")) {
    return print_schema(catalogue, given.has("schema-markdown"));
  }
  const std::vector<std::string> paths = given.list("scenario");
  if (paths.empty()) throw InputError("a scenario is wanted; usage: memwall " + options.usage);
  const Wish wish = read_wish(given);
  const std::vector<std::string> folders = output_folders(paths, given.text("out").value_or(""));
  const auto jobs = static_cast<std::size_t>(given.whole_number("jobs").value_or(1));
  if (jobs == 0) throw InputError("--jobs 0: at least one thread is needed");

  const std::vector<LoadedScenario> loaded = load_all(paths, catalogue, wish.options, given.list("what-if"));
  const bool show_progress = !wish.quiet && paths.size() == 1;
  std::vector<Ran> ran(paths.size());
  run_jobs(paths.size(), jobs,
           [&](std::size_t i) { ran[i] = run_one(loaded[i], catalogue, wish, folders[i], show_progress); });
  int exit = exit_done;
  for (const Ran& one : ran) {
    fmt::print("{}", one.text);
    exit = std::max(exit, one.exit);
  }
  return exit;
}

}  // namespace memwall::tools
