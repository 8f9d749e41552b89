// memwall trace generate
#include <fmt/format.h>

#include <algorithm>

#include "sim/base/atomic_file.hpp"
#include "sim/base/suggest.hpp"
#include "sim/scenario/run.hpp"
#include "tools/options.hpp"
#include "tools/verbs.hpp"
#include "workloads/generators/generate_trace.hpp"

namespace memwall::tools {
namespace {

/// Position of the workload that was asked for, or of the only one.
std::size_t pick(const std::vector<WorkloadSpec>& workloads, const std::optional<std::string>& name) {
  std::vector<std::string> names;
  for (const WorkloadSpec& workload : workloads) names.push_back(workload.name);
  if (!name && workloads.size() == 1) return 0;
  if (!name) {
    throw InputError(fmt::format("the scenario has {} workloads; pick one with --workload: {}", names.size(),
                                 fmt::join(names, ", ")));
  }
  const auto place = std::find(names.begin(), names.end(), *name);
  if (place == names.end()) throw InputError("--workload " + *name + ": " + suggestion(*name, names));
  return static_cast<std::size_t>(place - names.begin());
}

}  // namespace

Options trace_generate_options() {
  Options options;
  options.usage = "trace generate SCENARIO --out FILE [--workload NAME] [--set /json/pointer=value]... [--seed N]";
  options.example = "memwall trace generate scenarios/quickstart.json --out results/quickstart.jsonl";
  options.words = "scenario";
  using Kind = Option::Kind;
  options.options = {{"out", Kind::value, "the trace, in memwall's own format (docs/traces.md)"},
                     {"workload", Kind::value, "by its name, where the scenario has several"},
                     {"block-tokens", Kind::value, "tokens of a block of shared content; 16 by default"},
                     set_option(),
                     {"seed", Kind::value, "in place of the scenario's seed"},
                     search_option()};
  return options;
}

int trace_generate(const std::vector<std::string>& words) {
  const Options options = trace_generate_options();
  const std::optional<Arguments> given = options.parse(words);
  if (!given) return exit_done;
  const std::vector<std::string> scenarios = given->list("scenario");
  const auto out = given->text("out");
  if (scenarios.size() != 1 || !out) throw InputError("usage: memwall " + options.usage);
  const std::int64_t block_tokens = given->whole_number("block-tokens").value_or(16);
  if (block_tokens < 1) throw InputError("--block-tokens wants 1 or more");

  const Catalogue catalogue = program_catalogue(given->list("search"));
  RunOptions run_options;
  run_options.set = given->list("set");
  if (const auto seed = given->whole_number("seed")) run_options.seed = static_cast<std::uint64_t>(*seed);
  const LoadedScenario loaded = load_scenario(scenarios[0], catalogue, run_options);
  const std::size_t workload = pick(loaded.scenario.workloads, given->text("workload"));
  SourceContext context;
  context.seed = loaded.scenario.seed;
  context.workload = static_cast<std::int32_t>(workload);
  context.base_directory = loaded.build.base_directory;
  context.search = loaded.build.directories;
  const auto source = loaded.scenario.workloads[workload].open(context);
  AtomicFile file(*out);
  const GeneratedTrace done = generate_trace(*source, "memwall trace generate", block_tokens,
                                             [&file](std::string_view bytes) { file.append(bytes); });
  file.commit();
  fmt::print("{}: {} rows\n", *out, done.rows);
  if (done.waits_unwritten) {
    fmt::print("  what begins when something else ends is at the start of the trace; replay it with `concurrency`\n");
  }
  return exit_done;
}

}  // namespace memwall::tools
