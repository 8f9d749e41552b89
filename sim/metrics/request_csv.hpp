// requests.csv: a row for each request, in the order in which they ended.
#pragma once

#include <vector>

#include "sim/metrics/csv.hpp"
#include "sim/metrics/latency.hpp"
#include "sim/metrics/record.hpp"

namespace memwall {

/// Columns: id, arrival_s, pool, replica, model, tenant, class, session, input_tokens, cached_tokens, output_tokens,
/// queue_s, first_scheduled_s, ttft_s, tpot_s, e2e_s, preemptions, status, slo_met. What did not happen is an empty
/// cell: `queue_s` and `first_scheduled_s` of a request that was never scheduled, `ttft_s` without a first token,
/// `e2e_s` of one that did not complete, `tpot_s` also without a second token, `pool` and `replica` of one that was
/// never routed (a negative id), `session` outside of sessions, `slo_met` where its workload has no SLO.
class RequestCsv {
 public:
  RequestCsv(ByteSink sink, const Names& names);

  enum class Met : std::uint8_t { no, yes, not_asked };
  /// Throws LogicError when the record's pool or workload has no name.
  void row(const RequestRecord& record, const RequestLatency& latency, Met slo);
  void finish() { text_.finish(); }

 private:
  CsvText text_;
  std::vector<std::string> pools_;      ///< cells
  std::vector<std::string> workloads_;  ///< cells: model,tenant,class
};

}  // namespace memwall
