// memwall explain
#include "sim/scenario/explain.hpp"

#include <fmt/format.h>

#include "sim/scenario/run.hpp"
#include "tools/options.hpp"
#include "tools/verbs.hpp"

namespace memwall::tools {
namespace {

std::vector<std::string> list(const po::variables_map& values, const char* name) {
  return values.count(name) != 0 ? values[name].as<std::vector<std::string>>() : std::vector<std::string>();
}

}  // namespace

int explain_verb(const std::vector<std::string>& words) {
  Options options;
  options.usage = "explain SCENARIO [--set /json/pointer=value]... [--json]";
  options.example = "memwall explain scenarios/quickstart.json";
  options.positional = {"scenario"};
  options.described.add_options()("set", po::value<std::vector<std::string>>()->composing(),
                                  "/json/pointer=value: change the scenario")(
      "search", po::value<std::vector<std::string>>()->composing(),
      "folder for relative paths, after the scenario's own")("json", "print JSON");
  po::variables_map values;
  if (!options.parse(words, values)) return exit_done;
  const std::vector<std::string> paths = list(values, "scenario");
  if (paths.size() != 1) throw InputError("one scenario is wanted; usage: memwall " + options.usage);

  const Catalogue catalogue = program_catalogue(list(values, "search"));
  RunOptions run_options;
  run_options.set = list(values, "set");
  const LoadedScenario loaded = load_scenario(paths.front(), catalogue, run_options);
  const Explanation explanation = explain(loaded.scenario, build(loaded.scenario, catalogue, loaded.build));
  fmt::print("{}", values.count("json") != 0 ? json_text(explanation) : text(explanation));
  return exit_done;
}

}  // namespace memwall::tools
