// Service-level objectives: what a request must meet to count as good, and what a run must meet as a whole.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/base/time.hpp"
#include "sim/metrics/latency.hpp"

namespace memwall {

/// "The p-th percentile of the metric is at most the limit."
struct SloBound {
  LatencyMetric metric = LatencyMetric::ttft;
  double percentile = 99;  ///< in [0, 100]; 100 is the largest
  Duration limit;
};

/// The objectives of one workload. None: every request is as good as any other, and goodput does not count it.
struct Slo {
  std::vector<SloBound> bounds;
};

/// What an SLO asks of each single request: for a metric, the limit of its highest percentile. The pooled ITL asks
/// nothing of a single request.
struct RequestBounds {
  std::optional<Duration> ttft;
  std::optional<Duration> tpot;
  std::optional<Duration> e2e;
  std::optional<Duration> queue;
  bool any = false;  ///< whether the SLO has a bound at all
};

[[nodiscard]] RequestBounds request_bounds(const Slo& slo);

/// Whether the request completed within every bound. A request without a second token has a TPOT of 0, as in vLLM's
/// goodput.
[[nodiscard]] bool slo_met(const RequestBounds& bounds, const RequestRecord& record, const RequestLatency& latency);

/// Goodput as in `vllm bench serve`, over the requests of workloads that have an SLO.
struct Goodput {
  std::int64_t arrived = 0;
  std::int64_t good = 0;
  double requests_per_s = 0;  ///< good ones, over the run's duration
  double attainment = 0;      ///< share of the arrived that completed within every bound; 0 when none arrived
};

/// Whether a run met one bound of a workload.
struct Verdict {
  std::int32_t workload = 0;
  SloBound bound;
  double observed_s = 0;  ///< the percentile over completed requests
  bool met = false;
};

/// Judges one bound. `observations` is how many latencies the percentile rests on, `completed` how many requests of the
/// workload ended well. Without an observation the bound is missed, except one of TPOT or ITL where requests completed
/// with a single token each: they have no gap that could be too long.
[[nodiscard]] Verdict judge(std::int32_t workload, const SloBound& bound, double observed_s, std::int64_t observations,
                            std::int64_t completed);

}  // namespace memwall
