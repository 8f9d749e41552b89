// memwall validate
#include <fmt/format.h>

#include "sim/scenario/run.hpp"
#include "tools/options.hpp"
#include "tools/verbs.hpp"

namespace memwall::tools {

Options validate_options() {
  Options options;
  options.usage = "validate SCENARIO... [--set /json/pointer=value]...";
  options.example = "memwall validate scenarios/quickstart.json";
  options.words = "scenario";
  options.options = {set_option(), search_option()};
  return options;
}

int validate_verb(const std::vector<std::string>& words) {
  const Options options = validate_options();
  const std::optional<Arguments> given = options.parse(words);
  if (!given) return exit_done;
  if (!given->has("scenario")) throw InputError("a scenario is wanted; usage: memwall " + options.usage);

  const Catalogue catalogue = program_catalogue(given->list("search"));
  RunOptions run_options;
  run_options.set = given->list("set");
  std::vector<Fault> faults;
  for (const std::string& path : given->list("scenario")) {
    try {
      const LoadedScenario loaded = load_scenario(path, catalogue, run_options);
      (void)build(loaded.scenario, catalogue, loaded.build);
      fmt::print("{}: valid\n", path);
    } catch (const InputError& error) {
      for (Fault fault : error.faults()) {
        if (fault.file.empty()) fault.file = path;
        faults.push_back(std::move(fault));
      }
    }
  }
  if (!faults.empty()) throw InputError(std::move(faults));
  return exit_done;
}

}  // namespace memwall::tools
