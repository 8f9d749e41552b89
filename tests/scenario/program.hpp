// The catalogue of the program and runs of its scenarios, for tests of the floor that joins everything.
#pragma once

#include <string>
#include <vector>

#include "hw_models/mechanisms.hpp"
#include "sim/config/json_writer.hpp"
#include "sim/scenario/run.hpp"
#include "sim/scenario/summary.hpp"
#include "workloads/sources.hpp"

namespace memwall::test {

inline std::string scenario_folder() { return std::string(MEMWALL_SOURCE_DIR) + "/scenarios"; }
inline std::string quickstart() { return scenario_folder() + "/quickstart.json"; }

inline Catalogue catalogue(std::vector<std::string> search = {}) {
  Catalogue out;
  out.mechanisms = mechanisms();
  out.sources = sources();
  out.devices = device_files();
  out.interconnects = interconnect_files();
  out.topologies = topology_files();
  out.models = model_files();
  out.search = std::move(search);
  return out;
}

struct Finished {
  LoadedScenario loaded;
  Outcome outcome;
};

inline Finished run_scenario(const std::string& path, RunOptions options = {}, std::vector<std::string> search = {}) {
  const Catalogue known = catalogue(std::move(search));
  LoadedScenario loaded = load_scenario(path, known, options);
  Outcome outcome = run(loaded.scenario, known, loaded.build, options);
  return {std::move(loaded), std::move(outcome)};
}

inline std::string json_of(const json::Node& node) {
  std::string out;
  JsonWriter(out).value(node).finish();
  return out;
}

}  // namespace memwall::test
