// Rows for a page, gathered while the run goes on.
#pragma once

#include <string>
#include <vector>

#include "sim/metrics/cycle_csv.hpp"
#include "sim/metrics/record.hpp"
#include "tools/report/run_rows.hpp"

namespace memwall::tools::report {

/// Listens to requests, and to the rows of cycles.csv through `cycle`.
class LiveRows final : public Sink {
 public:
  /// Names of pools by id.
  explicit LiveRows(std::vector<std::string> pools) : pools_(std::move(pools)) {}

  void cycle(const memwall::CycleRow& row);
  void cycles(const CycleSpan&) override {}
  void idle(const IdleSpan&) override {}
  void request(const RequestRecord& record) override;
  void segment(ReplicaId, std::int64_t, std::int64_t, const TierRamps&, std::uint64_t) override {}
  void token_gap(ReplicaId, Int128) override {}

  [[nodiscard]] RunRows& rows() { return rows_; }

 private:
  std::vector<std::string> pools_;
  RunRows rows_;
};

}  // namespace memwall::tools::report
