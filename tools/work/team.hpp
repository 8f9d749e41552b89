// Who does the next piece of work: threads of this process, or processes on many machines. The work does not notice.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace memwall::tools {

/// Does one piece: a task in words to an answer in words. Called from several threads at a time, and possibly twice for
/// the same task; what it answers must depend on the task and on nothing else.
using Work = std::function<std::string(const std::string& task)>;
/// Makes the work from what all its tasks share; called once in each process for every Team::run.
using Prepare = std::function<Work(const std::string& context)>;
/// Takes the answer to a task, by its place in the list of tasks.
using Take = std::function<void(std::size_t task, const std::string& answer)>;

/// How one run of a team went, for whoever wants to tell.
struct TeamRun {
  std::size_t processes = 1;
  std::size_t repeated = 0;  ///< tasks given out a second time, because their process was slow or is lost
};

class Team {
 public:
  virtual ~Team() = default;

  [[nodiscard]] virtual std::size_t processes() const = 0;

  /// Has every task done by some process of the team, this one included, `threads` at a time in each. `take` is called
  /// in this thread, once for each task, as answers come in and therefore in any order. Tasks are handed out in order.
  /// What the work or `take` throws ends the run, after the pieces that had started, and is thrown here; of another
  /// process an InputError arrives as one and all else as a LogicError, with the same words.
  virtual TeamRun run(const std::string& context, const std::vector<std::string>& tasks, std::size_t threads,
                      const Take& take) = 0;
};

/// Calls `lead` with the team that this process was started in, and answers its exit code. A process that mpirun or
/// srun started beside others is one of them: the first leads, and the others do its work until it is done and answer
/// 0, so that only one reads what the user wrote, prints, writes files and says how it went. Throws InputError where
/// this program was built without MPI and finds itself started several times.
int with_team(const Prepare& prepare, const std::function<int(Team&)>& lead);

}  // namespace memwall::tools
