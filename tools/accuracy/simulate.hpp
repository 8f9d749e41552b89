// Runs a serving case.
#pragma once

#include <cstdint>

#include "sim/base/tier.hpp"
#include "sim/metrics/results.hpp"
#include "sim/scenario/catalogue.hpp"
#include "tools/accuracy/serving_case.hpp"

namespace memwall::accuracy {

/// What came of the part of the run that a benchmark would have watched.
struct Simulated {
  Results results;
  double output_tokens_per_s = 0;
  double mean_batch = 0;
  double joules = 0;  ///< of all devices; 0 where their energy is not known
  std::int64_t devices = 1;
  std::int64_t cycles = 0;
  Tier bottleneck = Tier::idle;  ///< of the largest share of busy time
};

/// Throws InputError when the model does not fit the devices or cannot be divided among them.
[[nodiscard]] Simulated simulate(const ServingCase& served, const Catalogue& catalogue);

}  // namespace memwall::accuracy
