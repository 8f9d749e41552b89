// requests.csv: a row for each request, in the order in which they ended.
#pragma once

#include <vector>

#include "sim/metrics/csv.hpp"
#include "sim/metrics/latency.hpp"
#include "sim/metrics/record.hpp"

namespace memwall {

/// Columns: id, arrival_s, pool, replica, model, tenant, class, session, input_tokens, cached_tokens, output_tokens,
/// queue_s, first_scheduled_s, ttft_s, tpot_s, e2e_s, preemptions, status, slo_met, adapter, images, deadline_s,
/// deadline_met. What did not happen is an empty cell: `queue_s` and `first_scheduled_s` of a request that was never
/// scheduled, `ttft_s` without a first token, `e2e_s` of one that did not complete, `tpot_s` also without a second
/// token, `pool` and `replica` of one that was never routed (a negative id), `session` outside of sessions, `slo_met`
/// where its workload has no SLO, `adapter` of the bare model, `deadline_s` and `deadline_met` without a deadline.
/// Tenant and class are the request's own where it has them, else those of its workload.
class RequestCsv {
 public:
  RequestCsv(ByteSink sink, const Names& names);

  enum class Met : std::uint8_t { no, yes, not_asked };
  /// Throws LogicError when the record's pool or workload has no name.
  void row(const RequestRecord& record, const RequestLatency& latency, Met slo);
  void finish() { text_.finish(); }

 private:
  CsvText text_;
  std::vector<std::string> pools_;          ///< cells
  std::vector<Names::Workload> workloads_;  ///< cells
};

}  // namespace memwall
