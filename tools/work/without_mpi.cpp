// Compiled in place of with_mpi.cpp where the build has found no MPI.
#include "sim/base/error.hpp"
#include "tools/work/mpi.hpp"

namespace memwall::tools {

bool mpi_is_built_in() { return false; }

int with_mpi_team(const Prepare&, const std::function<int(Team&)>&) {
  throw LogicError("a team under MPI was asked for in a build without MPI");
}

}  // namespace memwall::tools
