// The latencies of a request, by vLLM's definitions (vllm/benchmarks/serve.py).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "sim/metrics/distribution.hpp"
#include "sim/metrics/record.hpp"

namespace memwall {

/// The latencies that a report names and that an SLO may bound.
enum class LatencyMetric : std::uint8_t {
  ttft,   ///< arrival to first token
  tpot,   ///< first to last token, over the tokens after the first
  itl,    ///< gaps between the tokens of a request, pooled over all requests
  e2e,    ///< arrival to last token
  queue,  ///< arrival to first being scheduled
};

inline constexpr std::size_t latency_metric_count = 5;
inline constexpr std::array<std::string_view, latency_metric_count> latency_metric_names = {"ttft", "tpot", "itl",
                                                                                            "e2e", "queue"};
constexpr std::string_view name(LatencyMetric metric) { return latency_metric_names[static_cast<std::size_t>(metric)]; }

/// What one request waited. Absent is what did not happen: no first token, not completed, or (TPOT) no second token.
struct RequestLatency {
  std::optional<Duration> ttft;
  std::optional<Duration> tpot;  ///< rounded to the nearest picosecond
  std::optional<Duration> e2e;
  std::optional<Duration> queue;
};

/// Whether a request with a deadline completed by it.
[[nodiscard]] inline bool deadline_met(const RequestRecord& record) {
  return record.status == Status::completed && record.finish <= record.labels.deadline;
}

[[nodiscard]] RequestLatency latency_of(const RequestRecord& record);

/// Latencies of completed requests; others do not enter, as in vLLM. The pooled ITL is kept elsewhere, because it comes
/// from cycles and not from requests.
class LatencyTally {
 public:
  explicit LatencyTally(std::size_t exact_below = Distribution::default_exact_below)
      : ttft_(exact_below), tpot_(exact_below), e2e_(exact_below), queue_(exact_below) {}

  void add(const RequestRecord& record, const RequestLatency& latency);
  void merge(const LatencyTally& other);

  /// The distribution of a metric; nullptr for `itl`.
  [[nodiscard]] const Distribution* of(LatencyMetric metric) const;

 private:
  Distribution ttft_;
  Distribution tpot_;
  Distribution e2e_;
  Distribution queue_;
};

}  // namespace memwall
