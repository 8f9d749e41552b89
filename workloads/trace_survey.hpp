// The first pass over a trace: what is in it, what cannot be used, and in which order it must be replayed.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/serve/source.hpp"
#include "workloads/stop_rule.hpp"
#include "workloads/trace_format.hpp"

namespace memwall {

/// Which rows of which file are replayed, and how. Times of the window are offsets from the earliest usable row in the
/// trace's own time; `from` is inside, `to` is not.
struct TraceOptions {
  TraceFile file;
  FormatKeys format;
  double time_scale = 1;  ///< arrival times are multiplied by it; delays inside sessions are not
  std::int64_t window_from_ns = 0;
  std::optional<std::int64_t> window_to_ns;
  std::optional<std::int64_t> max_requests;  ///< the first so many in order of arrival
  bool keep_failed = false;                  ///< a row without output is replayed with one output token
  StopRule stop;
};

/// A row without a time: it arrives when the row before it in its session has ended and its delay has passed.
struct Follower {
  std::int64_t after_row = 0;  ///< the data row that it waits for
  RowPlace place;
  std::int64_t delay_ns = 0;
};

/// What the first pass learns. Memory grows only with what cannot be streamed: the rows of an unsorted file (40 bytes
/// each), rows that wait for another one, and the names of sessions.
struct TraceSurvey {
  struct Entry {
    std::int64_t time_ns = 0;
    RowPlace place;
  };

  SourceNotes notes;
  std::int64_t earliest_ns = 0;   ///< of all usable rows; the window counts from it
  std::int64_t origin_ns = 0;     ///< of the rows inside the window; arrivals count from it
  std::int64_t last_ns = 0;       ///< of the open rows that are replayed (`max_requests` of them at most)
  std::int64_t open_rows = 0;     ///< rows in the window that arrive at a time of their own
  std::int64_t input_tokens = 0;  ///< over the rows inside the window
  std::int64_t output_tokens = 0;
  bool sorted = true;
  bool block_ids = false;                                     ///< whether any row inside the window has them
  std::vector<Entry> index;                                   ///< open rows in order of arrival, where the file is not
  std::vector<Follower> followers;                            ///< in order of `after_row`
  std::map<std::string, std::int64_t, std::less<>> sessions;  ///< name -> number, in order of first appearance

  [[nodiscard]] std::int64_t replayed(const TraceOptions& options) const {
    const auto kept = open_rows + static_cast<std::int64_t>(followers.size());
    return options.max_requests ? std::min(*options.max_requests, kept) : kept;
  }
};

/// Reads the whole file. Throws InputError when no row is left to replay, with the reasons.
[[nodiscard]] TraceSurvey survey_trace(const TraceOptions& options);

/// Why a row cannot be replayed under the options, or empty. Gives a kept failed row its one output token.
[[nodiscard]] std::string_view refusal(TraceRow& row, bool keep_failed);

/// Reads the rows that a survey found, in order of arrival.
class TraceCursor {
 public:
  TraceCursor(const TraceOptions& options, const TraceSurvey& survey);

  /// The next open row; false after the last. Throws InputError when the file is not the one that was surveyed.
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
};

}  // namespace memwall
