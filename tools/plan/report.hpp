// A plan for people and for programs.
#pragma once

#include <optional>
#include <string>

#include "tools/plan/goodput.hpp"
#include "tools/plan/search.hpp"

namespace memwall::tools::plan {

/// The plan with its headroom, then every layout with the reason why it is not the plan: `top` of them, the plan's own
/// and then the cheapest first; 0 for all.
[[nodiscard]] std::string plan_text(const FleetPlan& plan, const Traffic& traffic,
                                    const std::optional<HighestRate>& reach, std::size_t top);
/// "2 replicas of 4 x h100_sxm".
[[nodiscard]] std::string fleet_name(const FleetPlan& plan, const Candidate& candidate);
/// How a run met each SLO, how far it is loaded, and what would be next.
[[nodiscard]] std::string trial_text(const Trial& trial);
[[nodiscard]] std::string goodput_text(const HighestRate& found, const std::string& fleet);

/// A table of plans at several multiples of the traffic, row by row.
[[nodiscard]] std::string growth_heading();
[[nodiscard]] std::string growth_row(const FleetPlan& plan, const Traffic& traffic, double factor);

/// One document with everything that the text says; `schema` first.
[[nodiscard]] std::string plan_json(const FleetPlan& plan, const Traffic& traffic,
                                    const std::optional<HighestRate>& reach);
/// A row a candidate.
[[nodiscard]] std::string candidates_csv(const FleetPlan& plan);
/// A Vega-Lite 5 specification: candidates that ran by price and by their tightest SLO.
[[nodiscard]] std::string plan_vega(const FleetPlan& plan);

}  // namespace memwall::tools::plan
