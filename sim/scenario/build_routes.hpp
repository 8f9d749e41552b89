// From the pools of a scenario to the routes of a cluster.
#pragma once

#include <optional>
#include <vector>

#include "sim/scenario/build.hpp"
#include "sim/serve/route.hpp"

namespace memwall {

/// A route for each set of pools that take the same requests, in the order of the first pool of each. The workloads of
/// `built` must still be there: classes are looked up among their names.
[[nodiscard]] std::vector<RequestRoute> build_routes(const Scenario& scenario, const Built& built);

/// Nothing where no pool hands over.
[[nodiscard]] std::optional<HandoverRules> handover_rules(const Scenario& scenario);

/// What a replica of the pool needs to hand over.
[[nodiscard]] CachePort cache_port(const BuiltPool& pool, const std::optional<KvTransferSpec>& transfer);

/// The tiers of the pool in blocks. Throws InputError where one holds less than a block, or the engine could not use
/// it.
[[nodiscard]] TiersSetup tiers_setup(const BuiltPool& pool);

/// Throws InputError where a pool that decodes could not take over what a pool that prefills may hand over.
void check_handovers(const std::vector<BuiltPool>& pools);

}  // namespace memwall
