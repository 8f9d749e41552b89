// memwall sweep
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <thread>

#include "sim/base/error.hpp"
#include "tools/options.hpp"
#include "tools/results/files.hpp"
#include "tools/results/what_if.hpp"
#include "tools/sweep/axis.hpp"
#include "tools/sweep/conduct.hpp"
#include "tools/sweep/report.hpp"
#include "tools/sweep/sensitivity.hpp"
#include "tools/verbs.hpp"

namespace memwall::tools {
namespace {

using namespace sweep;

/// Rows of the table on the terminal: what a screen or two can hold.
constexpr std::size_t most_rows = 64;

Options describe_options() {
  Options options;
  options.usage =
      "sweep SCENARIO --vary /json/pointer=a,b,c|lo:hi:n[:log][:int][ unit]... [--out DIR] [--resume] | "
      "sweep SCENARIO --sensitivity | sweep --dump DIR";
  options.example = "memwall sweep scenarios/quickstart.json --vary '/workload/arrivals/rate=1:16:5:log /s'";
  options.words = "scenario";
  using Kind = Option::Kind;
  options.options = {
      {"vary", Kind::repeated, "an axis: a place in the scenario and its values"},
      {"design", Kind::value, "grid (every combination; the default), random, or latin (Latin hypercube)"},
      {"points", Kind::value, "so many points are drawn, for random and latin"},
      {"seed", Kind::value, "of the draws; 1 by default"},
      {"sensitivity", Kind::flag, "every what_if key by +-10 %, one at a time, most sensitive first"},
      set_option(),
      what_if_option(),
      {"jobs", Kind::value, "points at a time; by default as many as there are cores, under MPI one a process"},
      {"out", Kind::value, "keep all numbers of all points there, in results.sqlite"},
      {"resume", Kind::flag, "go on with what --out has already"},
      {"show", Kind::repeated, "a metric of the table and the CSV: a pointer into summary.json"},
      {"csv", Kind::value, "write the table there, every point"},
      {"vega", Kind::value, "write the first metric over one or two axes there, as a Vega-Lite specification"},
      {"dump", Kind::value, "print all that DIR/results.sqlite has as ordered CSV, and run nothing"},
      search_option(),
  };
  return options;
}

void refuse_beside(const Arguments& given, const std::string& option, std::initializer_list<const char*> others) {
  if (!given.has(option)) return;
  for (const char* other : others) {
    if (given.has(other)) throw InputError(fmt::format("--{} and --{} do not go together", option, other));
  }
}

void check_words(const Arguments& given, const Options& options) {
  refuse_beside(given, "dump", {"scenario", "vary", "sensitivity", "out", "resume", "csv", "vega", "show", "design"});
  refuse_beside(given, "sensitivity", {"vary", "design", "points", "seed", "vega"});
  if (given.has("dump")) return;
  if (given.list("scenario").size() != 1) {
    throw InputError("one scenario is wanted; usage: memwall " + options.usage);
  }
  if (given.has("resume") && !given.has("out")) throw InputError("--resume goes on with what --out DIR has; name it");
}

Base base_of(const Arguments& given) {
  Base base;
  base.path = given.list("scenario").front();
  base.text = read_file(base.path);
  base.search = given.list("search");
  base.set = given.list("set");
  RunOptions options;
  options.set = base.set;
  const Catalogue catalogue = program_catalogue(base.search);
  for (std::string& edit : what_if_edits(base.path, catalogue, options, given.list("what-if"))) {
    base.set.push_back(std::move(edit));
  }
  return base;
}

Design design_of(const Arguments& given) {
  Design design;
  design.kind = design_kind(given.text("design").value_or("grid"));
  design.points = given.whole_number("points").value_or(0);
  if (given.has("points") && design.points == 0) throw InputError("--points 0: a sweep has one point or more");
  if (const auto seed = given.whole_number("seed")) {
    if (design.kind == DesignKind::grid)
      throw InputError("--seed is for --design random and latin; a grid draws nothing");
    design.seed = static_cast<std::uint64_t>(*seed);
  }
  return design;
}

Sweep sweep_of(const Arguments& given, const std::vector<Axis>& axes) {
  Base base = base_of(given);
  if (given.has("sensitivity")) {
    std::vector<Parameters> points = sensitivity_points(base);
    return make_sweep(std::move(base), std::move(points), "sensitivity", "every what_if key by 10 %");
  }
  const Design design = design_of(given);
  std::vector<Parameters> points = points_of(design, axes);
  require_some_readable(base, points);
  std::string written;
  for (const Axis& axis : axes) written += (written.empty() ? "" : "; ") + axis.pointer + "=" + axis.written;
  return make_sweep(std::move(base), std::move(points), design.name(), written);
}

std::size_t threads_of(const Arguments& given, const Team& team) {
  const std::int64_t cores = team.processes() > 1 ? 1 : std::max(1U, std::thread::hardware_concurrency());
  const std::int64_t jobs = given.whole_number("jobs").value_or(cores);
  if (jobs < 1) throw InputError("--jobs 0: at least one thread is needed");
  return static_cast<std::size_t>(jobs);
}

void print_tally(const Sweep& sweep, const Tally& tally) {
  fmt::print("\n{} points: {} done, {} refused", sweep.points.size(), tally.done, tally.refused);
  if (tally.defects > 0) fmt::print(", {} defects", tally.defects);
  if (tally.before > 0) fmt::print(", {} from before", tally.before);
  if (tally.team.repeated > 0) fmt::print("; {} run again for lost processes", tally.team.repeated);
  fmt::print("\n");
}

void print_sensitivity(Store& store, const Arguments& given) {
  const Sensitivities found = sensitivities(store, given.list("show"));
  fmt::print("{}", sensitivity_text(found));
  if (const auto file = given.text("csv")) write_file(*file, sensitivity_csv(found));
}

void print_report(Store& store, const Arguments& given, const std::vector<Axis>& axes) {
  const Report report = read_report(store, given.list("show"));
  fmt::print("{}", report_text(report, most_rows));
  if (const auto file = given.text("csv")) write_file(*file, report_csv(report));
  if (const auto file = given.text("vega")) write_file(*file, report_vega(report, axes));
}

int lead(const std::vector<std::string>& words, Team& team) {
  const Options options = describe_options();
  const std::optional<Arguments> given = options.parse(words);
  if (!given) return exit_done;
  check_words(*given, options);
  if (const auto folder = given->text("dump")) {
    const std::string text = Store(*folder).dump();
    std::fwrite(text.data(), 1, text.size(), stdout);
    return exit_done;
  }
  const std::vector<Axis> axes = parse_axes(given->list("vary"));
  if (given->has("vega") && axes.size() > 2) {
    throw InputError(fmt::format("--vega draws a metric over one axis or two, and this sweep has {}", axes.size()));
  }
  const std::size_t threads = threads_of(*given, team);
  const Sweep sweep = sweep_of(*given, axes);
  const auto folder = given->text("out");
  Store store = folder ? Store(*folder, sweep.identity, given->has("resume")) : Store(sweep.identity);
  const Tally tally = conduct(team, sweep, threads, store);
  store.finish();
  if (given->has("sensitivity")) {
    print_sensitivity(store, *given);
  } else {
    print_report(store, *given, axes);
  }
  print_tally(sweep, tally);
  return tally.defects > 0 ? exit_defect : exit_done;
}

}  // namespace

Options sweep_options() { return describe_options(); }

int sweep_verb(const std::vector<std::string>& words) {
  return with_team(point_work, [&](Team& team) { return lead(words, team); });
}

}  // namespace memwall::tools
