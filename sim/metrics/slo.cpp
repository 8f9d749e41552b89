#include "sim/metrics/slo.hpp"

namespace memwall {
namespace {

bool within(const std::optional<Duration>& limit, const std::optional<Duration>& latency) {
  return !limit || (latency && *latency <= *limit);
}

}  // namespace

RequestBounds request_bounds(const Slo& slo) {
  RequestBounds out;
  std::array<double, latency_metric_count> highest{};
  highest.fill(-1);
  for (const SloBound& bound : slo.bounds) {
    out.any = true;
    double& percentile = highest[static_cast<std::size_t>(bound.metric)];
    if (bound.percentile <= percentile) continue;
    percentile = bound.percentile;
    switch (bound.metric) {
      case LatencyMetric::ttft: out.ttft = bound.limit; break;
      case LatencyMetric::tpot: out.tpot = bound.limit; break;
      case LatencyMetric::e2e: out.e2e = bound.limit; break;
      case LatencyMetric::queue: out.queue = bound.limit; break;
      case LatencyMetric::itl: break;
    }
  }
  return out;
}

bool slo_met(const RequestBounds& bounds, const RequestRecord& record, const RequestLatency& latency) {
  if (record.status != Status::completed) return false;
  return within(bounds.ttft, latency.ttft) && within(bounds.tpot, latency.tpot.value_or(Duration{0})) &&
         within(bounds.e2e, latency.e2e) && within(bounds.queue, latency.queue);
}

Verdict judge(std::int32_t workload, const SloBound& bound, double observed_s, std::int64_t observations,
              std::int64_t completed) {
  Verdict out{workload, bound, observed_s, false};
  const bool gaps = bound.metric == LatencyMetric::tpot || bound.metric == LatencyMetric::itl;
  out.met = observations > 0 ? observed_s <= bound.limit.seconds() : gaps && completed > 0;
  return out;
}

}  // namespace memwall
