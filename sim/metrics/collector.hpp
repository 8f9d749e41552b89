// The sink that keeps everything a report needs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/metrics/bottleneck.hpp"
#include "sim/metrics/csv.hpp"
#include "sim/metrics/cycle_csv.hpp"
#include "sim/metrics/digest.hpp"
#include "sim/metrics/energy_tally.hpp"
#include "sim/metrics/groups.hpp"
#include "sim/metrics/histogram.hpp"
#include "sim/metrics/latency.hpp"
#include "sim/metrics/record.hpp"
#include "sim/metrics/request_csv.hpp"
#include "sim/metrics/results.hpp"
#include "sim/metrics/slo.hpp"

namespace memwall {

/// What a collector must know of the run that it listens to.
struct CollectorSetup {
  struct Pool {
    std::string name;
    std::int64_t devices = 0;  ///< of all its replicas
    std::int64_t replicas = 0;
    std::int64_t kv_blocks = 0;  ///< of one replica; 0 = not known
  };
  struct Workload {
    std::string model;
    std::string tenant;
    std::string class_name;
    Slo slo;
    LabelNames labels{};  ///< of its requests
  };

  std::vector<Pool> pools;          ///< by PoolId
  std::vector<Workload> workloads;  ///< by position in the scenario
  std::size_t exact_below = Distribution::default_exact_below;

  ByteSink requests_csv;  ///< empty: not written
  ByteSink cycles_csv;    ///< empty: not written (`--cycles none`)
  CycleRows cycle_rows = CycleRows::leaps;
  CycleRowListener cycle_row;  ///< is told the rows of `cycles_csv`; may be empty
};

/// Takes spans of any length in time that does not grow with their cycles (but for cycles.csv with a row a cycle). All
/// calls throw LogicError when a record names a pool or a workload that the setup does not have.
class Collector final : public Sink {
 public:
  explicit Collector(CollectorSetup setup);

  void cycles(const CycleSpan& span) override;
  void idle(const IdleSpan& span) override;
  void request(const RequestRecord& record) override;
  void token_gap(ReplicaId replica, Int128 gap) override;
  void segment(ReplicaId replica, std::int64_t first_cycle, std::int64_t cycles, const TierRamps& ramps,
               std::uint64_t plan_change) override {
    digest_.segment(replica, first_cycle, cycles, ramps, plan_change);
  }

  /// Hands on the last bytes of the files. Call it once, when the run is over.
  void finish();

  /// What came of a run that lasted `duration`. Throws LogicError when a conservation law does not hold.
  [[nodiscard]] Results results(Duration duration) const;

  /// Quantiles of a latency in seconds at each p in [0, 1], over all workloads: what `Results` does not already hold.
  [[nodiscard]] std::vector<double> quantiles(LatencyMetric metric, const std::vector<double>& p) const;

 private:
  struct PoolState {
    CycleTally tally;
    EnergyTally energy;
    std::int64_t kv_peak_tokens = 0;
    std::int64_t kv_peak_blocks = 0;
    std::int64_t preemptions = 0;
    std::int64_t scheduled_input = 0;
    std::int64_t scheduled_cached = 0;
  };
  struct WorkloadState {
    RequestBounds bounds;
    RequestCounts requests;
    TokenCounts tokens;
    LatencyTally latency;
    std::int64_t good = 0;
  };

  [[nodiscard]] PoolState& pool(PoolId id);
  [[nodiscard]] PoolResults pool_results(std::size_t position) const;
  [[nodiscard]] std::vector<Verdict> verdicts() const;
  [[nodiscard]] LatencyTally all_latencies() const;

  CollectorSetup setup_;
  std::vector<PoolState> pools_;
  std::vector<WorkloadState> workloads_;
  Histogram itl_;
  Digest digest_;
  std::int64_t images_ = 0;
  Deadlines deadlines_;
  Groups classes_;
  Groups tenants_;
  std::optional<RequestCsv> request_csv_;
  std::optional<CycleCsv> cycle_csv_;
};

}  // namespace memwall
