// Speeds of a scenario's `what_if`, applied to what was built.
#pragma once

#include "sim/scenario/build.hpp"

namespace memwall {

/// Makes the tiers of a built pool, of its host and of its second group of devices as fast as the scenario asks. Those
/// of `links`, which join the devices of a replica and are null where nothing does, are left to whoever prices them
/// (with_speeds). Throws InputError for a speed that could change
/// nothing, because the pool spends no time on that tier.
void apply_speeds(BuiltPool& pool, const Interconnect* links);

}  // namespace memwall
