// memwall validate
#include <fmt/format.h>

#include "sim/scenario/run.hpp"
#include "tools/options.hpp"
#include "tools/verbs.hpp"

namespace memwall::tools {

int validate_verb(const std::vector<std::string>& words) {
  Options options;
  options.usage = "validate SCENARIO... [--set /json/pointer=value]...";
  options.example = "memwall validate scenarios/quickstart.json";
  options.positional = {"scenario"};
  options.described.add_options()("set", po::value<std::vector<std::string>>()->composing(),
                                  "/json/pointer=value: change the scenario")(
      "search", po::value<std::vector<std::string>>()->composing(),
      "folder for relative paths, after the scenario's own");
  po::variables_map values;
  if (!options.parse(words, values)) return exit_done;
  if (values.count("scenario") == 0) throw InputError("a scenario is wanted; usage: memwall " + options.usage);

  const Catalogue catalogue = program_catalogue(
      values.count("search") != 0 ? values["search"].as<std::vector<std::string>>() : std::vector<std::string>());
  RunOptions run_options;
  if (values.count("set") != 0) run_options.set = values["set"].as<std::vector<std::string>>();
  std::vector<Fault> faults;
  for (const std::string& path : values["scenario"].as<std::vector<std::string>>()) {
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
