// The highest rate at which a fleet meets everything.
#pragma once

#include <optional>

#include "tools/plan/search.hpp"

namespace memwall::tools::plan {

struct HighestRate {
  double factor = 0;           ///< of the scenario's traffic; 0 where no rate passes
  double requests_per_s = 0;   ///< that arrive at that factor
  std::optional<Trial> at;     ///< the run at that factor
  std::optional<Trial> above;  ///< the nearest run that missed, within 1 % of it
  double above_factor = 0;
  std::size_t runs = 0;
};

/// Bisection between a rate that passes and one that misses until they are within half a percent, from the estimate of
/// capacity down; then rates up to 3 % above must all miss. Throws InputError for closed loops and traffic without a
/// rate.
[[nodiscard]] HighestRate goodput(const Base& base, const Layout& layout, std::int64_t replicas, const Feasible& found,
                                  const Traffic& traffic, const Demands& demands);

/// Throws InputError where the traffic has no rate that could be changed.
void require_rate(const Traffic& traffic, const std::string& what);

}  // namespace memwall::tools::plan
