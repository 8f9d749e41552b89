#include "tools/work/team.hpp"

#include <fmt/format.h>

#include <exception>

#include "sim/base/error.hpp"
#include "tools/work/launch.hpp"
#include "tools/work/local_workers.hpp"
#include "tools/work/mpi.hpp"

namespace memwall::tools {
namespace {

/// This process alone.
class ThreadTeam final : public Team {
 public:
  explicit ThreadTeam(const Prepare& prepare) : prepare_(prepare) {}

  [[nodiscard]] std::size_t processes() const override { return 1; }

  TeamRun run(const std::string& context, const std::vector<std::string>& tasks, std::size_t threads,
              const Take& take) override {
    if (tasks.empty()) return {};
    LocalWorkers workers(prepare_(context), threads);
    std::size_t given = 0;
    std::size_t taken = 0;
    while (taken < tasks.size()) {
      // One more than there are threads, so that none waits while an answer is taken.
      for (; given < tasks.size() && given - taken <= threads; ++given) workers.give(given, tasks[given]);
      for (const DonePiece& piece : workers.done(std::chrono::seconds(1))) {
        if (piece.failure) std::rethrow_exception(piece.failure);
        take(piece.task, piece.answer);
        ++taken;
      }
    }
    return {};
  }

 private:
  const Prepare& prepare_;
};

}  // namespace

int with_team(const Prepare& prepare, const std::function<int(Team&)>& lead) {
  const std::optional<Launch> launch = launched_by_mpi();
  if (launch && mpi_is_built_in()) return with_mpi_team(prepare, lead);
  if (launch && launch->processes != 1) {
    const std::string wrong = fmt::format(
        "started as one of several processes ({} is set), and this program was built without MPI: each would do all "
        "the work; install libopenmpi-dev and build again, or start one process with --jobs",
        launch->variable);
    // All of them find this out; one of them says so.
    if (launch->rank == 0) throw InputError(wrong);
    return 2;
  }
  ThreadTeam team(prepare);
  return lead(team);
}

}  // namespace memwall::tools
