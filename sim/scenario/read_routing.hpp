// The keys that say where requests go: the router, which pools take what, and what moves between pools.
#pragma once

#include "sim/base/reader.hpp"
#include "sim/scenario/spec.hpp"

namespace memwall {

/// Faults go to the reader.
void read_router(Reader& reader, Scenario& scenario);
[[nodiscard]] AcceptsSpec read_accepts(Reader& reader);
[[nodiscard]] KvTransferSpec read_kv_transfer(Reader& reader);

/// What pools, router and `kv_transfer` must have in common.
void check_routing(Reader& reader, const Scenario& scenario);

}  // namespace memwall
