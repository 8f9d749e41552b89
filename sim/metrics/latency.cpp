#include "sim/metrics/latency.hpp"

namespace memwall {

RequestLatency latency_of(const RequestRecord& record) {
  RequestLatency out;
  const auto since_arrival = [&](Time when) -> std::optional<Duration> {
    if (when == Time::never()) return std::nullopt;
    return when - record.arrival;
  };
  out.queue = since_arrival(record.first_scheduled);
  out.ttft = since_arrival(record.first_token);
  if (record.status != Status::completed) return out;
  out.e2e = since_arrival(record.finish);
  if (out.ttft && out.e2e && record.output_tokens > 1) {
    const std::int64_t gaps = record.output_tokens - 1;
    const std::int64_t span = (record.finish - record.first_token).ps;
    // Quotient and rest apart, because adding half of the divisor first could overflow.
    out.tpot = Duration{span / gaps + (span % gaps >= (gaps + 1) / 2 ? 1 : 0)};
  }
  return out;
}

void LatencyTally::add(const RequestRecord& record, const RequestLatency& latency) {
  if (record.status != Status::completed) return;
  if (latency.ttft) ttft_.add(*latency.ttft);
  if (latency.tpot) tpot_.add(*latency.tpot);
  if (latency.e2e) e2e_.add(*latency.e2e);
  if (latency.queue) queue_.add(*latency.queue);
}

void LatencyTally::merge(const LatencyTally& other) {
  ttft_.merge(other.ttft_);
  tpot_.merge(other.tpot_);
  e2e_.merge(other.e2e_);
  queue_.merge(other.queue_);
}

const Distribution* LatencyTally::of(LatencyMetric metric) const {
  switch (metric) {
    case LatencyMetric::ttft: return &ttft_;
    case LatencyMetric::tpot: return &tpot_;
    case LatencyMetric::e2e: return &e2e_;
    case LatencyMetric::queue: return &queue_;
    case LatencyMetric::itl: return nullptr;
  }
  return nullptr;
}

}  // namespace memwall
