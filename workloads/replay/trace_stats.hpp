// What a trace holds, in numbers: arrivals, lengths, shared prefixes and sessions.
#pragma once

#include <array>
#include <cstdint>

#include "workloads/replay/length_stats.hpp"
#include "workloads/replay/prefix_stats.hpp"
#include "workloads/replay/session_stats.hpp"
#include "workloads/replay/trace_survey.hpp"

namespace memwall {

/// Arrivals of rows that have a time of their own, in the trace's own time.
struct ArrivalStats {
  static constexpr std::array<double, 3> bins_s = {1, 10, 60};

  double duration_s = 0;               ///< first to last arrival
  double rate_per_s = 0;               ///< gaps over duration
  double gap_cv = 0;                   ///< standard deviation over mean of the gaps between arrivals
  std::array<double, 3> dispersion{};  ///< variance over mean of arrivals in full bins of `bins_s`; 0 below two bins
  std::int64_t minute_least = 0, minute_most = 0;  ///< arrivals in a full minute; 0 where there is none
  double minute_mean = 0;
  std::int64_t repeated_times = 0;  ///< arrivals at the very time of the arrival before
};

/// Prompts longer than the length at which public price lists step up (hardware prices, docs/claims.md).
struct LongPrompts {
  static constexpr std::int64_t length = 200'000;  ///< tokens

  std::int64_t rows = 0, tokens = 0;

  void add(std::int64_t input_tokens) {
    if (input_tokens <= length) return;
    ++rows;
    tokens += input_tokens;
  }
};

struct TraceStats {
  SourceNotes notes;
  std::int64_t rows = 0;       ///< replayed rows; the rest of this table is over them
  std::int64_t open_rows = 0;  ///< of them, those that wait for no other row
  std::int64_t input_tokens = 0, output_tokens = 0, images = 0;
  std::int64_t tenants = 0, classes = 0, adapters = 0;
  ArrivalStats arrivals;
  LengthStats input, output;
  Correlation pairing;
  PrefixStats prefix;
  LongPrompts beyond;
  SessionStats sessions;
};

/// Reads the trace twice. Unlike a replay it has no limit of duration. Memory grows with the rows (two lengths each,
/// the distinct blocks, and those of each session). Throws InputError as `survey_trace` does. Times are the trace's
/// own: scales, spreading and `concurrency` are not applied, and `max_requests` is not either.
[[nodiscard]] TraceStats trace_stats(const TraceOptions& options);

}  // namespace memwall
