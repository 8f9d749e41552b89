// What the metrics of a run come to: the numbers that summary.json and result.json are written from.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/time.hpp"
#include "sim/metrics/bottleneck.hpp"
#include "sim/metrics/distribution.hpp"
#include "sim/metrics/record.hpp"
#include "sim/metrics/slo.hpp"

namespace memwall {

/// How requests ended. Every request has a record, so those arrived are the sum.
struct RequestCounts {
  std::int64_t arrived = 0;
  std::array<std::int64_t, status_names.size()> ended{};

  [[nodiscard]] std::int64_t of(Status status) const { return ended[static_cast<std::size_t>(status)]; }
};

/// Tokens of completed requests, as vLLM counts them.
struct TokenCounts {
  std::int64_t input = 0;
  std::int64_t input_cached = 0;
  std::int64_t output = 0;
};

/// Completed requests and their tokens over the run's duration. 0 in a run without duration.
struct Throughput {
  double requests_per_s = 0;
  double input_tokens_per_s = 0;
  double output_tokens_per_s = 0;
  double output_tokens_per_s_per_device = 0;  ///< over the devices of all pools
};

/// In seconds, over completed requests; `itl` over all gaps between tokens that were generated.
struct LatencySummaries {
  Summary ttft;
  Summary tpot;
  Summary itl;
  Summary e2e;
  Summary queue;
};

/// Critical seconds by what they were spent on. A mixed cycle is split by its share of prompt tokens.
struct CostSplit {
  double prefill_s = 0;
  double decode_s = 0;
};

struct PoolResults {
  std::string name;
  std::int64_t devices = 0;
  std::int64_t replicas = 0;
  Shares cycles;  ///< of its replicas; `cycles.utilisation` is the pool's
  CycleTokens computed;
  CostSplit split;
  TierArray<double> work_joules;    ///< of the work, by tier, on one device of each replica
  double work_peak_w = 0;           ///< watts of the work of one device in the cycle that drew most
  std::int64_t kv_peak_tokens = 0;  ///< the most that one replica held
  std::int64_t kv_peak_blocks = 0;
  double kv_peak = 0;  ///< kv_peak_blocks over the blocks of a replica; 0 where that is unknown
  std::int64_t preemptions = 0;
  double prefix_hit_rate = 0;  ///< cached prompt tokens over prompt tokens of the requests that were scheduled
};

struct WorkloadResults {
  RequestCounts requests;
  TokenCounts tokens;
  LatencySummaries latency;  ///< `itl` stays empty: cycles mix workloads
  std::optional<Goodput> goodput;
};

/// Requests with a deadline, by whether they completed by it.
struct Deadlines {
  std::int64_t met = 0;
  std::int64_t missed = 0;
};

/// What the requests of one class, or of one tenant, came to, over all workloads.
struct GroupResults {
  std::string name;
  RequestCounts requests;
  TokenCounts tokens;
  Deadlines deadlines;
  LatencySummaries latency;  ///< `itl` stays empty
};

struct Results {
  std::uint64_t digest = 0;
  Duration duration;
  RequestCounts requests;
  TokenCounts tokens;
  Throughput throughput;
  LatencySummaries latency;
  std::optional<Goodput> goodput;  ///< absent when no workload has an SLO
  std::vector<Verdict> verdicts;   ///< by workload, then in the order of its bounds
  Shares cycles;
  CycleTokens computed;  ///< by cycles, of requests that did not complete too
  CostSplit split;
  std::vector<PoolResults> pools;
  std::vector<WorkloadResults> workloads;
  std::int64_t images = 0;  ///< in the prompts of completed requests
  Deadlines deadlines;
  std::vector<GroupResults> classes;  ///< in order of first appearance; empty where no request has a class
  std::vector<GroupResults> tenants;  ///< the same; beyond the first ones they are added up
};

}  // namespace memwall
