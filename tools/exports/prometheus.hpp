// metrics.prom: the counters and histograms of a vLLM server at the end of the run, as Prometheus scrapes them.
#pragma once

#include <string>

#include "sim/scenario/run.hpp"
#include "tools/exports/vllm_tally.hpp"

namespace memwall::tools::exports {

/// Text exposition format, names and bounds of vLLM V1. All replicas are one engine, because the names of the shipped
/// dashboards sum over it. Gauges are those of the end of the run but for `kv_cache_usage_perc`, which is the peak.
[[nodiscard]] std::string metrics_prom(const VllmTally& tally, const Outcome& outcome, const std::string& model);

}  // namespace memwall::tools::exports
