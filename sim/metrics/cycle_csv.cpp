#include "sim/metrics/cycle_csv.hpp"

#include <utility>

#include "sim/base/error.hpp"
#include "sim/metrics/apportion.hpp"
#include "sim/metrics/envelope.hpp"

namespace memwall {

CycleCsv::CycleCsv(ByteSink sink, const Names& names, CycleRows rows, CycleRowListener listener)
    : text_(std::move(sink)), listener_(std::move(listener)), rows_(rows) {
  for (const std::string& pool : names.pools) pools_.push_back(csv_cell(pool));
  text_.raw(
      "pool,replica,lane,first_cycle,cycles,start_s,duration_s,latency_s,prefill_tokens,decode_tokens,padded_tokens,"
      "sequences,kv_tokens,kv_blocks,bottleneck,limit");
  for (const std::string_view tier : tier_names) text_.raw(std::string(tier) + "_s");
  text_.end_row();
}

CycleCsv::Replica& CycleCsv::replica(ReplicaId id) {
  law(id.value >= 0, "a replica's id is negative");
  const auto position = static_cast<std::size_t>(id.value);
  if (position >= replicas_.size()) replicas_.resize(position + 1);
  return replicas_[position];
}

void CycleCsv::cycles(const CycleSpan& span) {
  law(span.ramps != nullptr && span.cycles > 0 && span.lane >= 0,
      "a span of cycles has no ramps, no cycles or no lane");
  Replica& owner = replica(span.replica);
  close(owner.gap);
  const auto lane = static_cast<std::size_t>(span.lane);
  if (lane >= owner.lanes.size()) owner.lanes.resize(lane + 1);
  Row& row = owner.lanes[lane];
  const TierSet critical = critical_tiers(*span.ramps);
  for_each_piece(span.ramps->critical, critical, span.offset, span.offset + span.cycles,
                 [&](Tier bottleneck, std::int64_t from, std::int64_t until) {
                   if (rows_ == CycleRows::leaps) {
                     piece(row, span, critical, bottleneck, from, until);
                     return;
                   }
                   for (std::int64_t k = from; k < until; ++k) {
                     piece(row, span, critical, bottleneck, k, k + 1);
                     close(row);
                   }
                 });
}

void CycleCsv::piece(Row& row, const CycleSpan& span, TierSet critical, Tier bottleneck, std::int64_t from,
                     std::int64_t until) {
  const std::int64_t segment_cycle = span.first_cycle - span.offset;
  const bool continues = row.open && row.segment_cycle == segment_cycle && row.segment_begin == span.clock.origin &&
                         row.first_cycle + row.cycles == segment_cycle + from && row.bottleneck == bottleneck &&
                         row.limit == span.limit && row.prefill_tokens == span.prefill_tokens &&
                         row.decode_tokens == span.decode_tokens && row.padded_tokens == span.padded_tokens &&
                         row.sequences == span.sequences;
  if (!continues) {
    close(row);
    row.open = true;
    row.bottleneck = bottleneck;
    row.limit = span.limit;
    row.pool = span.pool;
    row.replica = span.replica;
    row.lane = span.lane;
    row.segment_begin = span.clock.origin;
    row.segment_cycle = segment_cycle;
    row.first_cycle = segment_cycle + from;
    row.cycles = 0;
    row.begin = span.clock.boundary(from);
    row.latency_ps =
        span.latency != nullptr ? whole_ps(span.latency->at(from)) : (span.clock.boundary(from + 1) - row.begin).ps;
    row.prefill_tokens = span.prefill_tokens;
    row.decode_tokens = span.decode_tokens;
    row.padded_tokens = span.padded_tokens;
    row.sequences = span.sequences;
    row.kv_tokens = span.kv_tokens_at(from - span.offset);
    row.kv_blocks = span.kv_blocks_at(from - span.offset);
    row.critical = {};
  }
  row.cycles += until - from;
  row.end = span.clock.boundary(until);
  for_each_tier(critical, [&](Tier tier) {
    const Ramp& ramp = span.ramps->critical[tier];
    row.critical[tier] += ramp.sum(until) - ramp.sum(from);
  });
}

void CycleCsv::idle(const IdleSpan& span) {
  law(span.begin <= span.end, "an idle gap ends before it begins");
  if (span.begin == span.end) return;
  Replica& owner = replica(span.replica);
  for (Row& row : owner.lanes) close(row);
  Row& gap = owner.gap;
  if (!gap.open || gap.end != span.begin || gap.bottleneck != span.waits_for) {
    close(gap);
    gap.open = true;
    gap.pool = span.pool;
    gap.replica = span.replica;
    gap.begin = span.begin;
    gap.bottleneck = span.waits_for;
    gap.critical = {};
  }
  gap.end = span.end;
  gap.critical[gap.bottleneck] = static_cast<Int128>((gap.end - gap.begin).ps) << Ramp::fraction_bits;
}

void CycleCsv::finish() {
  for (Replica& owner : replicas_) {
    close(owner.gap);
    for (Row& row : owner.lanes) close(row);
  }
  text_.finish();
}

void CycleCsv::close(Row& row) {
  if (!row.open) return;
  write(row);
  row.open = false;
}

void CycleCsv::write(const Row& row) {
  const auto pool = static_cast<std::size_t>(row.pool.value);
  law(row.pool.value >= 0 && pool < pools_.size(), "a replica's pool has no name");
  const Duration duration = row.end - row.begin;
  text_.raw(pools_[pool]).integer(row.replica.value);
  if (row.cycles == 0) {
    text_.empty().empty().integer(0).seconds(row.begin - Time{}).seconds(duration).empty();
    text_.integer(0).integer(0).integer(0).integer(0).empty().empty().raw(name(row.bottleneck)).empty();
  } else {
    text_.integer(row.lane).integer(row.first_cycle).integer(row.cycles);
    text_.seconds(row.begin - Time{}).seconds(duration).seconds({row.latency_ps});
    text_.integer(row.prefill_tokens * row.cycles).integer(row.decode_tokens * row.cycles);
    text_.integer(row.padded_tokens * row.cycles).integer(row.sequences);
    text_.integer(row.kv_tokens).integer(row.kv_blocks).raw(name(row.bottleneck)).raw(name(row.limit));
  }
  const TierArray<Duration> critical = apportion(duration, row.critical);
  for (const Duration part : critical.at) text_.seconds(part);
  text_.end_row();
  if (!listener_) return;
  listener_({row.pool, row.replica, row.lane, row.first_cycle, row.cycles, row.begin, duration,
             row.prefill_tokens * row.cycles, row.decode_tokens * row.cycles, row.sequences, row.kv_blocks,
             row.bottleneck, row.limit, critical});
}

}  // namespace memwall
