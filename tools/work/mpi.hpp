// A team of processes under MPI, where this program was built with it.
#pragma once

#include <functional>

#include "tools/work/team.hpp"

namespace memwall::tools {

[[nodiscard]] bool mpi_is_built_in();

/// with_team() under MPI; throws LogicError where MPI is not built in. Call it once in a process, because MPI cannot be
/// started twice.
int with_mpi_team(const Prepare& prepare, const std::function<int(Team&)>& lead);

}  // namespace memwall::tools
