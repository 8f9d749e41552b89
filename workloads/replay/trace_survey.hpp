// The first pass over a trace: what is in it, what cannot be used, and in which order it must be replayed.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/serve/source.hpp"
#include "workloads/formats/trace_format.hpp"
#include "workloads/replay/dependencies.hpp"
#include "workloads/stop_rule.hpp"

namespace memwall {

/// Which rows of which file are replayed, and how. Times of the window are offsets from the earliest usable row in the
/// trace's own time; `from` is inside, `to` is not.
struct TraceOptions {
  TraceFile file;
  OpenRows open;
  TraceDraws draws;       ///< of the draws that thin and spread
  double time_scale = 1;  ///< arrival times are multiplied by it; delays inside sessions are not
  std::int64_t window_from_ns = 0;
  std::optional<std::int64_t> window_to_ns;
  std::optional<std::int64_t> max_requests;  ///< the first so many in order of arrival
  bool keep_failed = false;                  ///< a row without output is replayed with one output token
  std::int64_t spread_ns = 0;                ///< arrivals are spread over so long a time, to undo their binning
  double keep_share = 1;                     ///< of sessions, and of requests outside of sessions
  bool open_sessions = false;                ///< rows that have a time arrive at it, whatever became of those before
  std::optional<std::int64_t> concurrency;   ///< times are ignored: so many requests or sessions are under way always
  StopRule stop;

  [[nodiscard]] std::unique_ptr<RowReader> rows() const { return open(file, draws); }
  /// Whether the row (or its whole session) is left out to thin the trace.
  [[nodiscard]] bool thinned(const TraceRow& row) const;
};

/// What the first pass learns. Memory grows only with what cannot be streamed: the rows of an unsorted file (48 bytes
/// each), rows that wait for others, and the names of sessions and of rows.
struct TraceSurvey {
  struct Entry {
    std::int64_t time_ns = 0;
    RowPlace place;
  };

  SourceNotes notes;
  LabelNames labels;              ///< in order of first appearance
  std::int64_t earliest_ns = 0;   ///< of all usable rows; the window counts from it
  std::int64_t origin_ns = 0;     ///< of the rows inside the window; arrivals count from it
  std::int64_t last_ns = 0;       ///< of the open rows that are replayed (`max_requests` of them at most)
  std::int64_t open_rows = 0;     ///< rows in the window that arrive at a time of their own
  std::int64_t input_tokens = 0;  ///< over the rows inside the window
  std::int64_t output_tokens = 0;
  std::int64_t images = 0;
  bool sorted = true;
  bool shared_tokens = false;       ///< whether prompts of rows inside the window may have tokens in common
  std::vector<Entry> index;         ///< open rows in order of arrival, where the file is not
  std::vector<Follower> followers;  ///< by place in the file
  std::vector<Wait> waits;          ///< by row, then by follower
  std::map<std::string, std::int64_t, std::less<>> sessions;  ///< name -> number, in order of first appearance
  std::int64_t session_rows = 0;                              ///< replayed rows that belong to one

  [[nodiscard]] std::int64_t replayed(const TraceOptions& options) const {
    const auto kept = open_rows + static_cast<std::int64_t>(followers.size());
    return options.max_requests ? std::min(*options.max_requests, kept) : kept;
  }
};

/// Reads the whole file. Throws InputError when no row is left to replay, with the reasons.
[[nodiscard]] TraceSurvey survey_trace(const TraceOptions& options);

/// Why a row cannot be replayed under the options, or empty. Gives a kept failed row its one output token.
[[nodiscard]] std::string_view refusal(TraceRow& row, bool keep_failed);

[[nodiscard]] bool inside_window(const TraceOptions& options, std::int64_t earliest_ns, std::int64_t time_ns);

}  // namespace memwall
