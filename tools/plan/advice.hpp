// The nearest change that would help a candidate that is not the plan.
#pragma once

#include "tools/plan/search.hpp"

namespace memwall::tools::plan {

/// Writes `change` of every rejection where one is known: more replicas of the same layout that pass, more devices a
/// replica of the same device that fit or are quick enough, the price at which it would cost as much as the plan.
void advise(FleetPlan& plan, const Traffic& traffic, const SearchOptions& wanted);

/// The candidate without a plan's blessing that came nearest: of those that ran, the one whose tightest SLO is missed
/// by the smallest ratio. Nothing where none ran.
[[nodiscard]] std::optional<std::size_t> nearest_miss(const FleetPlan& plan);

/// Whether no offer that fits reaches the SLOs at any load, and the offer that comes nearest to the one that rules:
/// the speed of light of what was tried.
struct Unreachable {
  std::size_t offer = 0;
  Rejection rejection;
};
[[nodiscard]] std::optional<Unreachable> speed_of_light(const FleetPlan& plan);

}  // namespace memwall::tools::plan
