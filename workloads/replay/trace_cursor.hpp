// The second pass over a trace: its rows in order of arrival, and those that wait for others when their time comes.
#pragma once

#include "workloads/replay/trace_survey.hpp"

namespace memwall {

/// Reads the rows that a survey found. Options and survey outlive it.
class TraceCursor {
 public:
  TraceCursor(const TraceOptions& options, const TraceSurvey& survey);

  /// The next open row in order of arrival; false after the last. Throws InputError when the file is not the one that
  /// was surveyed.
  [[nodiscard]] bool next(TraceRow& row);
  /// Reads a follower's row, which does not disturb `next`.
  void read(const Follower& follower, TraceRow& row);

 private:
  [[nodiscard]] bool stream(TraceRow& row);
  [[noreturn]] void changed() const;

  const TraceOptions& options_;
  const TraceSurvey& survey_;
  std::unique_ptr<RowReader> rows_;
  std::unique_ptr<RowReader> aside_;  ///< for followers, opened when the first is read
  std::int64_t taken_ = 0;
  std::int64_t last_ns_ = 0;
  std::size_t follower_ = 0;  ///< the next one that streaming will meet
};

}  // namespace memwall
