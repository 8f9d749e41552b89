#include "tools/work/launch.hpp"

#include <cstdlib>

namespace memwall::tools {
namespace {

struct Launcher {
  const char* processes;
  const char* rank;
};

/// In the order in which they are asked: Open MPI's mpirun also sets variables of PMIx.
constexpr Launcher launchers[] = {
    {"OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"},
    {"PMI_SIZE", "PMI_RANK"},
    {"SLURM_NTASKS", "PMIX_RANK"},
};

std::optional<std::int64_t> number_in(const char* variable) {
  const char* text = std::getenv(variable);
  if (text == nullptr || *text == '\0') return std::nullopt;
  char* end = nullptr;
  const std::int64_t value = std::strtoll(text, &end, 10);
  return *end == '\0' ? std::optional(value) : std::nullopt;
}

}  // namespace

std::optional<Launch> launched_by_mpi() {
  for (const Launcher& launcher : launchers) {
    const std::optional<std::int64_t> rank = number_in(launcher.rank);
    if (rank) return Launch{launcher.rank, number_in(launcher.processes).value_or(0), *rank};
  }
  return std::nullopt;
}

}  // namespace memwall::tools
