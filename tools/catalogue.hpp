// The catalogue that the program carries: the one place where the tables of hw_models and workloads meet the simulator.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "hw_models/mechanisms.hpp"
#include "sim/scenario/catalogue.hpp"
#include "workloads/sources.hpp"

namespace memwall::tools {

/// With `search` folders of the user's.
[[nodiscard]] inline Catalogue program_catalogue(std::vector<std::string> search = {}) {
  Catalogue catalogue;
  catalogue.mechanisms = mechanisms();
  catalogue.sources = sources();
  catalogue.devices = device_files();
  catalogue.interconnects = interconnect_files();
  catalogue.topologies = topology_files();
  catalogue.models = model_files();
  catalogue.search = std::move(search);
  return catalogue;
}

}  // namespace memwall::tools
