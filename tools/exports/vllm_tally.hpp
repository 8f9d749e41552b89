// What vLLM's own metrics and its benchmark count, taken from the records of a run.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/metrics/latency.hpp"
#include "sim/metrics/record.hpp"

namespace memwall::tools::exports {

/// Counts of a Prometheus histogram: a bucket for each upper bound, and one for what exceeds all.
struct Buckets {
  std::vector<double> bounds;        ///< rising, in the unit of what is counted
  std::vector<std::int64_t> counts;  ///< of each bucket alone, not summed up
  double sum = 0;                    ///< of what was added as a number
  Int128 fixed_sum = 0;              ///< of what was added as a duration, 2^-24 ps: exact in any order

  explicit Buckets(std::vector<double> upper) : bounds(std::move(upper)), counts(bounds.size() + 1) {}
  void add(double value, std::int64_t count = 1);
  void add_fixed(Int128 duration, std::int64_t count = 1);
  [[nodiscard]] std::int64_t count() const;
  [[nodiscard]] double total() const;
};

/// Numbers by whole second of the run's clock.
class ClockSeconds {
 public:
  void add(Time at, std::int64_t count);
  /// `count` from the second of `from` to that of `until`, both included.
  void add_stretch(Time from, Time until, std::int64_t count);
  /// The largest sum of a second.
  [[nodiscard]] std::int64_t most() const;

 private:
  std::vector<std::int64_t>& reach(std::size_t second, std::vector<std::int64_t>& list);
  std::vector<std::int64_t> at_;
  std::vector<std::int64_t> changes_;  ///< of what lasts
};

class VllmTally final : public Sink {
 public:
  VllmTally();

  void cycles(const CycleSpan& span) override;
  void idle(const IdleSpan&) override {}
  void request(const RequestRecord& record) override;
  void segment(ReplicaId, std::int64_t, std::int64_t, const TierRamps&, std::uint64_t) override {}
  void token_gap(ReplicaId, Int128 gap) override;

  std::int64_t prompt_tokens = 0;      ///< of requests that were scheduled
  std::int64_t cached_tokens = 0;      ///< of these, found in a cache
  std::int64_t generation_tokens = 0;  ///< of every request
  std::int64_t preemptions = 0;
  std::int64_t length_ends = 0;  ///< completed
  std::int64_t aborts = 0;       ///< by their clients: aborted, timed out
  std::int64_t errors = 0;       ///< rejected, failed

  /// ClockSeconds, of completed requests; `itl` of all gaps between tokens. Bounds are vLLM's.
  Buckets ttft, itl, tpot, e2e, queue, inference, prefill, decode;
  /// Tokens, of completed requests; `iteration` of cycles.
  Buckets input, output, iteration;

  ClockSeconds tokens;      ///< that came into being: decoded ones, and first ones
  ClockSeconds concurrent;  ///< completed requests between their arrival and their last token
};

}  // namespace memwall::tools::exports
