// memwall explain
#include "sim/scenario/explain.hpp"

#include <fmt/format.h>

#include "sim/scenario/run.hpp"
#include "tools/options.hpp"
#include "tools/verbs.hpp"

namespace memwall::tools {
Options explain_options() {
  Options options;
  options.usage = "explain SCENARIO [--set /json/pointer=value]... [--json]";
  options.example = "memwall explain scenarios/quickstart.json";
  options.words = "scenario";
  options.options = {set_option(), search_option(), {"json", Option::Kind::flag, "print JSON"}};
  return options;
}

int explain_verb(const std::vector<std::string>& words) {
  const Options options = explain_options();
  const std::optional<Arguments> given = options.parse(words);
  if (!given) return exit_done;
  const std::vector<std::string> paths = given->list("scenario");
  if (paths.size() != 1) throw InputError("one scenario is wanted; usage: memwall " + options.usage);

  const Catalogue catalogue = program_catalogue(given->list("search"));
  RunOptions run_options;
  run_options.set = given->list("set");
  const LoadedScenario loaded = load_scenario(paths.front(), catalogue, run_options);
  const Explanation explanation = explain(loaded.scenario, build(loaded.scenario, catalogue, loaded.build));
  fmt::print("{}", given->has("json") ? json_text(explanation) : text(explanation));
  return exit_done;
}

}  // namespace memwall::tools
