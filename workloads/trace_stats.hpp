// What a trace holds, in numbers: arrivals, lengths and shared prefixes.
#pragma once

#include <array>
#include <cstdint>

#include "workloads/trace_survey.hpp"

namespace memwall {

/// Mean and quantiles (1, 5, 25, 50, 75, 90, 95, 99 %, interpolated linearly) of token counts.
struct LengthStats {
  static constexpr std::array<double, 8> levels = {0.01, 0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99};
  double mean = 0;
  std::array<double, 8> quantiles{};
  std::int64_t max = 0;
};

/// Leading runs of block ids that an unbounded cache would hold when a request arrives, in order of arrival. A
/// request's blocks are visible from its arrival on.
struct PrefixStats {
  std::int64_t blocks = 0, distinct = 0, hit_blocks = 0;
  std::int64_t tokens = 0, hit_tokens = 0;  ///< over requests with ids; tokens without an id count and never hit
  std::int64_t requests_with_hit = 0;

  [[nodiscard]] double block_share() const {
    return blocks == 0 ? 0 : static_cast<double>(hit_blocks) / static_cast<double>(blocks);
  }
  [[nodiscard]] double token_share() const {
    return tokens == 0 ? 0 : static_cast<double>(hit_tokens) / static_cast<double>(tokens);
  }
};

struct TraceStats {
  static constexpr std::array<double, 3> bins_s = {1, 10, 60};

  SourceNotes notes;
  std::int64_t rows = 0;       ///< replayed rows; the rest of this table is over them
  std::int64_t open_rows = 0;  ///< of them, those with a time of arrival
  std::int64_t sessions = 0;
  std::int64_t repeated_times = 0;  ///< arrivals at the very time of the arrival before
  std::int64_t input_tokens = 0, output_tokens = 0;
  double duration_s = 0;               ///< first to last arrival
  double rate_per_s = 0;               ///< gaps over duration
  double gap_cv = 0;                   ///< standard deviation over mean of the gaps between arrivals
  std::array<double, 3> dispersion{};  ///< variance over mean of arrivals in full bins of `bins_s`; 0 below two bins
  LengthStats input, output;
  PrefixStats prefix;
};

/// Reads the trace twice. Unlike a replay it has no limit of duration. Memory grows with the rows (two lengths each,
/// and the distinct blocks). Throws InputError as `survey_trace` does. Times are the trace's own: `time_scale` and the
/// spreading of bins are not applied, and `max_requests` is not either.
[[nodiscard]] TraceStats trace_stats(const TraceOptions& options);

}  // namespace memwall
