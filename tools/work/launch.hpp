// Whether a launcher of MPI started this process beside others, told by the environment alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace memwall::tools {

struct Launch {
  std::string_view variable;   ///< of the environment that tells
  std::int64_t processes = 0;  ///< 0 where the launcher does not say how many
  std::int64_t rank = 0;
};

/// Knows mpirun of Open MPI, launchers that speak PMI (MPICH, Intel MPI, srun --mpi=pmi2) and PMIx (srun --mpi=pmix).
[[nodiscard]] std::optional<Launch> launched_by_mpi();

}  // namespace memwall::tools
