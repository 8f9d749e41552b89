// memwall run
#include "sim/scenario/run.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>

#include "sim/base/atomic_file.hpp"
#include "sim/base/suggest.hpp"
#include "sim/config/json_writer.hpp"
#include "sim/config/schema.hpp"
#include "sim/scenario/summary.hpp"
#include "tools/options.hpp"
#include "tools/table.hpp"
#include "tools/verbs.hpp"

namespace memwall::tools {
namespace {

/// A line on stderr that counts simulated time, when somebody looks.
class Progress {
 public:
  explicit Progress(bool wanted) : wanted_(wanted && isatty(STDERR_FILENO) != 0) {}
  ~Progress() {
    if (shown_) fmt::print(stderr, "\r{:60}\r", "");
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(Time now, std::int64_t ended) {
    if (!wanted_) return;
    const auto wall = std::chrono::steady_clock::now();
    if (wall - last_ < std::chrono::milliseconds(100)) return;
    last_ = wall;
    shown_ = true;
    fmt::print(stderr, "\r  {} simulated, {} requests done   ", time_text(now.seconds()), ended);
  }

 private:
  bool wanted_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point last_;
};

std::string performance_json(double wall_s, const Outcome& outcome) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("schema", 1).member("wall_s", wall_s);
  json.member("cycles_per_s", static_cast<double>(outcome.cycles) / wall_s);
  json.member("requests_per_s", static_cast<double>(outcome.results.requests.arrived) / wall_s);
  json.member("events", outcome.events);
  json.member("peak_rss_bytes", static_cast<std::int64_t>(usage.ru_maxrss) * 1024);
  json.end_object().finish();
  return text;
}

/// The files of an output folder. They get their names together, when the run is done.
class OutputFolder {
 public:
  explicit OutputFolder(const std::string& folder) : folder_(folder) {
    std::error_code error;
    if (std::filesystem::exists(folder, error) && !std::filesystem::is_directory(folder, error)) {
      throw InputError("--out " + folder + ": this is a file; name a folder, which is made where it does not exist");
    }
    std::filesystem::create_directories(folder, error);
    if (error) throw InputError(folder + ": cannot be made: " + error.message());
  }
  ByteSink stream(const std::string& name) {
    files_.push_back(std::make_unique<AtomicFile>(std::filesystem::path(folder_) / name));
    return [file = files_.back().get()](std::string_view bytes) { file->append(bytes); };
  }
  void write(const std::string& name, std::string_view text) { stream(name)(text); }
  void commit(bool tell) {
    for (const auto& file : files_) {
      file->commit();
      if (tell) fmt::print("wrote {}\n", file->path().string());
    }
  }

 private:
  std::string folder_;
  std::vector<std::unique_ptr<AtomicFile>> files_;
};

Options describe_options() {
  Options options;
  options.usage =
      "run SCENARIO [--out DIR] [--set /json/pointer=value]... [--seed N] [--cycles none|leaps|all] [--json] [--quiet]";
  options.example = "memwall run scenarios/quickstart.json --out results/quickstart";
  options.words = "scenario";
  using Kind = Option::Kind;
  options.options = {
      {"out", Kind::value, "write summary.json, requests.csv, cycles.csv, performance.json there"},
      set_option(),
      {"seed", Kind::value, "in place of the scenario's seed"},
      {"cycles", Kind::value, "cycles.csv: none, leaps (a row a run of equal cycles; the default) or all"},
      search_option(),
      {"reference", Kind::flag, "one cycle an event: slow, for comparison"},
      {"json", Kind::flag, "print summary.json instead of the table"},
      {"quiet", Kind::flag, "print nothing"},
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

}  // namespace

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
  if (paths.size() != 1) throw InputError("one scenario is wanted; usage: memwall " + options.usage);

  const auto begin = std::chrono::steady_clock::now();
  const bool quiet = given.has("quiet");
  RunOptions run_options;
  run_options.set = given.list("set");
  if (const auto seed = given.whole_number("seed")) run_options.seed = static_cast<std::uint64_t>(*seed);
  run_options.reference = given.has("reference");
  bool write_cycles = false;
  run_options.every_cycle = cycle_rows(given, write_cycles) == CycleRows::all;

  const LoadedScenario loaded = load_scenario(paths.front(), catalogue, run_options);
  std::optional<OutputFolder> folder;
  if (const auto out = given.text("out")) {
    folder.emplace(*out);
    run_options.requests_csv = folder->stream("requests.csv");
    if (write_cycles) run_options.cycles_csv = folder->stream("cycles.csv");
  }
  Progress progress(!quiet);
  run_options.progress = [&progress](Time now, std::int64_t ended) { progress.show(now, ended); };
  const Outcome outcome = run(loaded.scenario, catalogue, loaded.build, run_options);
  const double wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();

  const bool json = given.has("json");
  if (folder) {
    folder->write("summary.json", summary_json(loaded, outcome, version));
    folder->write("performance.json", performance_json(wall_s, outcome));
  }
  if (json && !quiet) fmt::print("{}", summary_json(loaded, outcome, version));
  if (!json && !quiet) fmt::print("{}", summary_table(loaded, outcome));
  if (folder) folder->commit(!quiet && !json);

  if (!given.has("fail-on-slo")) return exit_done;
  for (const Verdict& verdict : outcome.results.verdicts) {
    if (!verdict.met) return exit_missed;
  }
  return exit_done;
}

}  // namespace memwall::tools
