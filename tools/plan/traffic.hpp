// The traffic of a scenario before anything is simulated: how much there is, and how to ask for more or less of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/config/json.hpp"
#include "sim/scenario/run.hpp"
#include "sim/scenario/saturation.hpp"

namespace memwall::tools::plan {

/// What the requests of all workloads come to. Of a closed loop, whose requests wait for answers, nothing but that.
struct Traffic {
  bool closed_loop = false;
  bool shares_tokens = false;  ///< some prompt tokens may be found in a cache
  std::int64_t requests = 0;
  double last_arrival_s = 0;             ///< from the start of the run
  std::optional<double> requests_per_s;  ///< over the time to the last arrival; absent where all arrive at once
  MeanRequest mean;                      ///< with nothing cached
  std::int64_t shortest_input = 0;       ///< tokens
  bool gaps = false;                     ///< some request has a second token
};

/// Opens the scenario's workloads and takes every request. Throws InputError where one cannot be opened.
[[nodiscard]] Traffic survey(const LoadedScenario& loaded);

/// Edits of a scenario's document that multiply the rate of its arrivals: `rate_scale` or `time_scale` of traces, and
/// every rate of the arrivals of generators. Throws InputError where a workload has none.
[[nodiscard]] std::vector<std::string> rate_edits(const json::Node& scenario, double factor);

/// JSON on one line, as an edit wants it, and on many, as a file.
[[nodiscard]] std::string json_text(const json::Node& node);
[[nodiscard]] std::string indented_json(const json::Node& node);

}  // namespace memwall::tools::plan
