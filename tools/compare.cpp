// memwall compare
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <thread>

#include "sim/base/error.hpp"
#include "sim/scenario/versions.hpp"
#include "tools/compare/gate.hpp"
#include "tools/compare/pareto.hpp"
#include "tools/compare/report.hpp"
#include "tools/jobs.hpp"
#include "tools/options.hpp"
#include "tools/results/files.hpp"
#include "tools/results/scenario_files.hpp"
#include "tools/verbs.hpp"

namespace memwall::tools {
namespace {

using namespace compare;

Options describe_options() {
  Options options;
  options.usage = "compare A|DIR B... [--replications N] [--concurrency 1,8,64] [--fail-on GATE]... [--json FILE]";
  options.example = "memwall compare scenarios/devices/h100_sxm.json scenarios/devices/b200_sxm.json";
  options.words = "scenario";
  using Kind = Option::Kind;
  options.options = {
      {"replications", Kind::value, "runs of each, with one seed after another; gives differences their intervals"},
      {"concurrency", Kind::value, "so many clients in a closed loop, one after another: the frontier"},
      {"any-workload", Kind::flag, "also where the scenarios do not get the same requests"},
      {"fail-on", Kind::repeated, "a gate such as '/latency/ttft_s/p95<=1.05' of the first; broken: exit 1"},
      set_option(),
      {"jobs", Kind::value, "runs at a time; by default as many as the machine has cores"},
      {"json", Kind::value, "write the comparison there"},
      {"csv", Kind::value, "write the points of the frontier there"},
      {"vega", Kind::value, "write the frontier there as a Vega-Lite specification"},
      search_option(),
  };
  return options;
}

std::vector<std::int64_t> whole_numbers(const std::string& list) {
  std::vector<std::int64_t> out;
  std::string_view rest = list;
  while (true) {
    const std::size_t comma = rest.find(',');
    const std::string_view word = rest.substr(0, comma);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc() || end != word.data() + word.size() || value < 1) {
      throw InputError("--concurrency " + list + ": must be whole numbers from 1 on, such as 1,8,64");
    }
    out.push_back(value);
    if (comma == std::string_view::npos) return out;
    rest = rest.substr(comma + 1);
  }
}

/// What tells the traffic of a scenario: its workloads and where they are read.
std::string traffic(const std::string& path, const Catalogue& catalogue, const std::vector<std::string>& edits) {
  RunOptions options;
  options.set = edits;
  const LoadedScenario loaded = load_scenario(path, catalogue, options);
  std::string out = std::to_string(loaded.scenario.seed);
  for (const char* key : {"workload", "workloads"}) {
    if (const json::Node* node = loaded.resolved.find(key)) out += scenario_version(*node);
  }
  return out;
}

/// Runs that do not get the same requests are no comparison of machines. A file with faults is told by its own run.
void require_same_traffic(const std::vector<std::string>& paths, const Catalogue& catalogue,
                          const std::vector<std::string>& edits) {
  std::string first;
  std::string of;
  for (const std::string& path : paths) {
    std::string found;
    try {
      found = traffic(path, catalogue, edits);
    } catch (const InputError&) {
      continue;
    }
    if (first.empty()) {
      first = found;
      of = path;
    } else if (found != first) {
      throw InputError(path + ": has another workload or seed than " + of +
                       ", so the requests are not the same; --any-workload compares them all the same");
    }
  }
}

std::int64_t positive(const Arguments& given, const std::string& name, std::int64_t fallback) {
  const std::int64_t value = given.whole_number(name).value_or(fallback);
  if (value < 1) throw InputError("--" + name + " 0: must be 1 or more");
  return value;
}

std::vector<Point> frontier(const std::vector<std::string>& paths, const std::vector<std::int64_t>& levels,
                            const Catalogue& catalogue, const std::vector<std::string>& edits, std::size_t jobs) {
  std::vector<std::optional<Point>> found(paths.size() * levels.size());
  run_jobs(found.size(), jobs, [&](std::size_t i) {
    const std::string& path = paths[i / levels.size()];
    const std::int64_t level = levels[i % levels.size()];
    std::vector<std::string> all = edits;
    for (std::string& edit : closed_loop_edits(path, catalogue, level)) all.push_back(std::move(edit));
    found[i] = point_of(run_contender(path, catalogue, 1, all), level);
  });
  std::vector<Point> out;
  for (const auto& point : found) {
    if (point) out.push_back(*point);
  }
  mark_dominated(out);
  return out;
}

}  // namespace

Options compare_options() { return describe_options(); }

int compare_verb(const std::vector<std::string>& words) {
  const Options options = describe_options();
  const std::optional<Arguments> given = options.parse(words);
  if (!given) return exit_done;
  std::vector<std::string> paths = given->list("scenario");
  if (!paths.empty()) paths = find_scenarios(paths);
  if (paths.size() < 2) throw InputError("two scenarios or more are wanted; usage: memwall " + options.usage);
  std::vector<Gate> gates;
  for (const std::string& text : given->list("fail-on")) gates.push_back(parse_gate(text));
  const std::int64_t replications = positive(*given, "replications", 1);
  const auto cores = static_cast<std::int64_t>(std::max(1U, std::thread::hardware_concurrency()));
  const auto jobs = static_cast<std::size_t>(positive(*given, "jobs", cores));
  std::vector<std::int64_t> levels;
  if (const auto list = given->text("concurrency")) levels = whole_numbers(*list);
  if (levels.empty() && (given->has("csv") || given->has("vega"))) {
    throw InputError("--csv and --vega hold the frontier; name the numbers of clients with --concurrency");
  }
  const Catalogue catalogue = program_catalogue(given->list("search"));
  const std::vector<std::string> edits = given->list("set");
  if (!given->has("any-workload")) require_same_traffic(paths, catalogue, edits);

  std::vector<Contender> contenders(paths.size());
  run_jobs(paths.size(), jobs,
           [&](std::size_t i) { contenders[i] = run_contender(paths[i], catalogue, replications, edits); });
  fmt::print("{}", comparison_text(contenders));
  if (const auto file = given->text("json")) write_file(*file, comparison_json(contenders));
  if (!levels.empty()) {
    const std::vector<Point> points = frontier(paths, levels, catalogue, edits, jobs);
    fmt::print("{}", pareto_text(points));
    if (const auto file = given->text("csv")) write_file(*file, pareto_csv(points));
    if (const auto file = given->text("vega")) write_file(*file, pareto_vega(points));
  }
  int exit = exit_done;
  for (const Gate& gate : gates) {
    for (const std::string& sentence : broken_gate(gate, contenders)) {
      fmt::print("broken: {}\n", sentence);
      exit = exit_missed;
    }
  }
  return exit;
}

}  // namespace memwall::tools
