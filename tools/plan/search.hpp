// The cheapest fleet that meets everything, and why each other candidate is not it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "tools/plan/feasible.hpp"

namespace memwall::tools::plan {

/// Calls work(0) .. work(count - 1), several at a time; as run_jobs does.
using Parallel = std::function<void(std::size_t count, const std::function<void(std::size_t)>& work)>;

struct SearchOptions {
  Demands demands;
  std::int64_t max_devices = 64;            ///< of a fleet
  std::int64_t spares = 0;                  ///< replicas that may be down while the SLOs still hold
  std::optional<double> most_usd_per_hour;  ///< that a fleet may cost
  std::optional<double> most_watts;         ///< that a fleet may draw
  double rate_factor = 1;                   ///< of the scenario's traffic
  bool exhaustive = false;                  ///< every candidate that can be built is run, whatever bounds say
};

/// A layout with what is known of it.
struct Offer {
  Layout layout;
  Feasible found;
};

/// So many replicas of an offer.
struct Candidate {
  std::size_t offer = 0;
  std::int64_t replicas = 1;  ///< that are paid for, spares included
  std::int64_t devices = 0;
  double usd_per_hour = 0;  ///< of the run where there was one, else without power that is paid for apart
  std::optional<Trial> trial;
  Rejection rejection;  ///< Reason::none: the plan
};

struct FleetPlan {
  std::vector<Offer> offers;
  std::vector<Candidate> candidates;  ///< offers in order, replicas rising; of an offer without a candidate none
  std::optional<std::size_t> best;    ///< of `candidates`
  std::size_t runs = 0;               ///< simulations
  double rate_factor = 1;             ///< of the scenario's traffic, that it was made for
};

/// Feasibility and bounds of every layout.
[[nodiscard]] std::vector<Offer> offers_of(const Base& base, std::vector<Layout> layouts, const Traffic& traffic,
                                           const Parallel& parallel);

/// Branch and bound in the order of prices. More replicas of a layout are taken to meet what fewer meet, so that the
/// fewest are found by bisection; `exhaustive` takes nothing for granted. Of equal costs the fewest devices win, then
/// the first offer. What is found depends on no number of threads.
[[nodiscard]] FleetPlan search(const Base& base, std::vector<Offer> offers, const Traffic& traffic,
                               const SearchOptions& wanted, const Parallel& parallel);

}  // namespace memwall::tools::plan
