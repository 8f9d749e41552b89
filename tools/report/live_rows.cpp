#include "tools/report/live_rows.hpp"

#include "sim/metrics/latency.hpp"

namespace memwall::tools::report {
namespace {

std::optional<std::int64_t> ps(const std::optional<Duration>& duration) {
  return duration ? std::optional(duration->ps) : std::nullopt;
}

}  // namespace

void LiveRows::cycle(const memwall::CycleRow& from) {
  CycleRow row;
  row.pool = pools_[static_cast<std::size_t>(from.pool.value)];
  row.replica = from.replica.value;
  row.cycles = from.cycles;
  row.start_ps = (from.begin - Time{}).ps;
  row.duration_ps = from.duration.ps;
  row.bottleneck = from.bottleneck;
  for (std::size_t i = 0; i < tier_count; ++i) row.tier_ps.at[i] = from.critical.at[i].ps;
  if (from.cycles > 0) {
    row.lane = from.lane;
    row.prefill_tokens = from.prefill_tokens;
    row.decode_tokens = from.decode_tokens;
    row.sequences = from.sequences;
    row.kv_blocks = from.kv_blocks;
    row.limit = from.limit;
  }
  rows_.has_cycles = true;
  rows_.add(row);
}

void LiveRows::request(const RequestRecord& record) {
  const RequestLatency latency = latency_of(record);
  RequestRow row;
  row.id = record.id.value;
  if (record.pool.value >= 0) row.pool = pools_[static_cast<std::size_t>(record.pool.value)];
  row.arrival_ps = (record.arrival - Time{}).ps;
  row.input_tokens = record.input_tokens;
  row.cached_tokens = record.cached_tokens;
  row.output_tokens = record.output_tokens;
  row.preemptions = record.preemptions;
  row.queue_ps = ps(latency.queue);
  row.ttft_ps = ps(latency.ttft);
  row.tpot_ps = ps(latency.tpot);
  row.e2e_ps = ps(latency.e2e);
  row.status = name(record.status);
  rows_.add(row);
}

}  // namespace memwall::tools::report
