// Who has which piece of work: what to give to whom, whose answer counts, and what is overdue. Knows no messages and no
// clock of its own.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <vector>

namespace memwall::tools {

class Ledger {
 public:
  using Instant = std::chrono::steady_clock::time_point;
  using Span = std::chrono::steady_clock::duration;

  /// Pieces 0 .. tasks - 1 for processes that work on so many pieces at a time each.
  Ledger(std::size_t tasks, std::size_t processes, std::size_t threads);

  /// The next piece in order for this process; nothing where it has enough, or where all are given out. A process has
  /// one piece waiting besides those that it works on, so that it never waits for a message; but not when few are left,
  /// which had better go to whoever is free.
  [[nodiscard]] std::optional<std::size_t> next(std::size_t process, Instant now);

  /// Notes that a process has answered; whether its answer is the first to this piece and counts.
  [[nodiscard]] bool landed(std::size_t process, std::size_t task, Instant now);

  /// A piece that was given out so long ago that its process is taken for lost, and a process that is free to do it
  /// again. Only when all are given out: until then whoever is free has other work. An answer does not depend on who
  /// gives it, so that a process that was only slow does no harm.
  struct Repeat {
    std::size_t process;
    std::size_t task;
  };
  [[nodiscard]] std::optional<Repeat> overdue(Instant now);

  /// How long an answer may take: ten seconds beyond four times the longest so far, counted from when it was given out.
  [[nodiscard]] Span patience() const { return std::chrono::seconds(10) + 4 * longest_; }

  [[nodiscard]] bool all_answered() const { return missing_ == 0; }
  [[nodiscard]] std::size_t repeated() const { return repeated_; }

 private:
  /// A piece on its way: with whom, and since when.
  struct Flight {
    std::size_t process;
    Instant since;
  };
  void give(std::size_t process, std::size_t task, Instant now);

  std::size_t threads_;
  std::size_t next_ = 0;
  std::size_t missing_;
  std::size_t repeated_ = 0;
  Span longest_{};
  std::vector<bool> answered_;
  std::vector<std::size_t> load_;          ///< by process: pieces given and not answered
  std::vector<bool> lost_;                 ///< by process: left a piece overdue and has said nothing since
  std::map<std::size_t, Flight> flights_;  ///< by task; of one that was given twice, the later
};

}  // namespace memwall::tools
