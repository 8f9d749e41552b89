#include "tools/accuracy/metric.hpp"

#include <array>

namespace memwall::accuracy {
namespace {

constexpr double ms = 1e3;

double output_tokens(const Simulated& s) { return s.output_tokens_per_s * s.results.duration.seconds(); }

}  // namespace

std::span<const Metric> metrics() {
  // Not compared: tails of ITL, which follow the spread of prompt lengths that the rows do not give.
  static constexpr std::array<Metric, 18> table = {{
      {"itl_ms_p50", [](const Simulated& s) { return s.results.latency.itl.p50 * ms; }},
      {"itl_ms_mean", [](const Simulated& s) { return s.results.latency.itl.mean * ms; }},
      {"tpot_ms_p50", [](const Simulated& s) { return s.results.latency.tpot.p50 * ms; }},
      {"tpot_ms_mean", [](const Simulated& s) { return s.results.latency.tpot.mean * ms; }},
      {"tpot_ms_p90", [](const Simulated& s) { return s.results.latency.tpot.p90 * ms; }},
      {"tpot_ms_p99", [](const Simulated& s) { return s.results.latency.tpot.p99 * ms; }},
      {"ttft_ms_p50", [](const Simulated& s) { return s.results.latency.ttft.p50 * ms; }},
      {"ttft_ms_mean", [](const Simulated& s) { return s.results.latency.ttft.mean * ms; }},
      {"ttft_ms_p90", [](const Simulated& s) { return s.results.latency.ttft.p90 * ms; }},
      {"ttft_ms_p99", [](const Simulated& s) { return s.results.latency.ttft.p99 * ms; }},
      {"e2e_ms_p50", [](const Simulated& s) { return s.results.latency.e2e.p50 * ms; }},
      {"e2e_ms_mean", [](const Simulated& s) { return s.results.latency.e2e.mean * ms; }},
      {"e2e_ms_p90", [](const Simulated& s) { return s.results.latency.e2e.p90 * ms; }},
      {"e2e_ms_p99", [](const Simulated& s) { return s.results.latency.e2e.p99 * ms; }},
      {"out_tok_s", [](const Simulated& s) { return s.output_tokens_per_s; }},
      {"out_tok_s_per_gpu", [](const Simulated& s) { return s.output_tokens_per_s / static_cast<double>(s.devices); }},
      {"avg_batch", [](const Simulated& s) { return s.mean_batch; }},
      {"energy_j_per_out_tok", [](const Simulated& s) { return s.joules / output_tokens(s); }},
  }};
  return table;
}

const Metric* find_metric(std::string_view column) {
  for (const Metric& metric : metrics()) {
    if (metric.column == column) return &metric;
  }
  return nullptr;
}

}  // namespace memwall::accuracy
