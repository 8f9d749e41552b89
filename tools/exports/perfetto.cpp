#include "tools/exports/perfetto.hpp"

#include <charconv>
#include <utility>

#include "sim/metrics/bottleneck.hpp"
#include "sim/metrics/envelope.hpp"
#include "tools/page/markup.hpp"

namespace memwall::tools::exports {
namespace {

constexpr std::size_t hand_on_at = std::size_t{1} << 16;

}  // namespace

PerfettoTrace::PerfettoTrace(ByteSink sink, std::vector<std::string> pools, std::int64_t most_slices)
    : sink_(std::move(sink)), pools_(std::move(pools)), most_slices_(most_slices) {
  text_ = "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[";
}

void PerfettoTrace::integer(std::int64_t value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value);
  text_.append(digits, end.ptr);
}

void PerfettoTrace::microseconds(std::int64_t ps) {
  integer(ps / 1'000'000);
  std::int64_t rest = ps % 1'000'000;
  if (rest == 0) return;
  char decimals[] = ".000000";
  for (std::size_t i = 6; i > 0; --i, rest /= 10) decimals[i] = static_cast<char>('0' + rest % 10);
  text_.append(decimals, sizeof decimals - 1);
}

/// Begins an event; whoever calls it writes what else belongs to it and the closing brace.
void PerfettoTrace::event(std::string_view phase, Time at, std::int64_t process, std::int64_t thread) {
  text_ += any_ ? ",\n{\"ph\":\"" : "\n{\"ph\":\"";
  any_ = true;
  text_ += phase;
  text_ += "\",\"pid\":";
  integer(process);
  text_ += ",\"tid\":";
  integer(thread);
  text_ += ",\"ts\":";
  microseconds((at - Time{}).ps);
}

void PerfettoTrace::hand_on(std::size_t at_least) {
  if (text_.size() < at_least) return;
  sink_(text_);
  text_.clear();
}

PerfettoTrace::Replica& PerfettoTrace::replica(ReplicaId id, PoolId pool, std::int32_t lane) {
  const auto position = static_cast<std::size_t>(id.value);
  if (position >= replicas_.size()) replicas_.resize(position + 1);
  Replica& owner = replicas_[position];
  if (!owner.named) {
    owner.named = true;
    event("M", Time{}, id.value, 0);
    text_ += ",\"name\":\"process_name\",\"args\":{\"name\":";
    text_ += page::json_text(pools_[static_cast<std::size_t>(pool.value)] + ", replica " + std::to_string(id.value));
    text_ += "}}";
  }
  for (; owner.lanes <= lane; ++owner.lanes) {
    event("M", Time{}, id.value, owner.lanes);
    text_ += ",\"name\":\"thread_name\",\"args\":{\"name\":\"cycles, lane ";
    integer(owner.lanes);
    text_ += "\"}}";
  }
  return owner;
}

void PerfettoTrace::cycles(const CycleSpan& span) {
  if (!open_at(span.begin())) {
    ++slices_left_out_;
    return;
  }
  Replica& owner = replica(span.replica, span.pool, span.lane);
  busy(span, owner);
  for_each_piece(span.ramps->critical, critical_tiers(*span.ramps), span.offset, span.offset + span.cycles,
                 [&](Tier bottleneck, std::int64_t from, std::int64_t until) { slice(span, bottleneck, from, until); });
  hand_on(hand_on_at);
}

void PerfettoTrace::slice(const CycleSpan& span, Tier bottleneck, std::int64_t from, std::int64_t until) {
  const Time begin = span.clock.boundary(from);
  const std::int64_t cycles = until - from;
  event("X", begin, span.replica.value, span.lane);
  text_ += ",\"dur\":";
  microseconds((span.clock.boundary(until) - begin).ps);
  text_ += ",\"cat\":\"";
  text_ += name(span.phase);
  text_ += "\",\"name\":\"";
  text_ += name(bottleneck);
  text_ += "\",\"args\":{\"limit\":\"";
  text_ += name(span.limit);
  const auto argument = [this](std::string_view key, std::int64_t value) {
    text_ += key;
    integer(value);
  };
  argument("\",\"cycles\":", cycles);
  argument(",\"sequences\":", span.sequences);
  argument(",\"prefill_tokens\":", span.prefill_tokens * cycles);
  argument(",\"decode_tokens\":", span.decode_tokens * cycles);
  argument(",\"kv_tokens\":", span.kv_tokens_at(from - span.offset));
  text_ += "}}";
  if (++slices_ == most_slices_) cut_ = begin + Duration{1};
}

void PerfettoTrace::busy(const CycleSpan& span, Replica& owner) {
  const auto length = static_cast<double>((span.end() - span.begin()).ps);
  if (length <= 0) return;
  bool moved = false;
  std::array<std::int64_t, tier_count> now{};
  for (std::size_t i = 0; i < tier_count; ++i) {
    if ((span.ramps->used >> i & 1) == 0) continue;
    const Ramp& ramp = span.ramps->busy.at[i];
    const Int128 sum = ramp.sum(span.offset + span.cycles) - ramp.sum(span.offset);
    now[i] = static_cast<std::int64_t>(fixed_seconds(sum) * 1e12 / length * 100 + 0.5);
  }
  for (std::size_t i = 0; i < tier_count; ++i) moved = moved || now[i] != owner.hundredths[i];
  if (!moved) return;
  event("C", span.begin(), span.replica.value, 0);
  text_ += ",\"name\":\"busy share (%)\",\"args\":{";
  bool first = true;
  for (std::size_t i = 0; i < tier_count; ++i) {
    if (now[i] == 0 && owner.hundredths[i] == 0) continue;
    if (!first) text_ += ',';
    first = false;
    text_ += '"';
    text_ += tier_names[i];
    text_ += "\":";
    integer(now[i]);
  }
  text_ += "}}";
  owner.hundredths = now;
}

void PerfettoTrace::idle(const IdleSpan& span) {
  if (span.begin == span.end || !open_at(span.begin)) return;
  Replica& owner = replica(span.replica, span.pool, 0);
  if (owner.hundredths != std::array<std::int64_t, tier_count>{}) {
    event("C", span.begin, span.replica.value, 0);
    text_ += ",\"name\":\"busy share (%)\",\"args\":{";
    bool first = true;
    for (std::size_t i = 0; i < tier_count; ++i) {
      if (owner.hundredths[i] == 0) continue;
      if (!first) text_ += ',';
      first = false;
      text_ += '"';
      text_ += tier_names[i];
      text_ += "\":0";
    }
    text_ += "}}";
    owner.hundredths = {};
  }
  if (span.waits_for == Tier::idle) return;
  event("X", span.begin, span.replica.value, 0);
  text_ += ",\"dur\":";
  microseconds((span.end - span.begin).ps);
  text_ += ",\"cat\":\"wait\",\"name\":\"waits for ";
  text_ += name(span.waits_for);
  text_ += "\"}";
}

void PerfettoTrace::async(std::string_view phase, const RequestRecord& record, std::string_view what, Time at) {
  event(phase, at, record.replica.value, 0);
  text_ += ",\"cat\":\"request\",\"id\":";
  integer(record.id.value);
  text_ += ",\"name\":\"";
  text_ += what;
  text_ += '"';
}

void PerfettoTrace::nested(const RequestRecord& record, std::string_view what, Time begin, Time end) {
  async("b", record, what, begin);
  text_ += '}';
  async("e", record, what, end);
  text_ += '}';
}

void PerfettoTrace::request(const RequestRecord& record) {
  if (record.replica.value < 0 || record.finish == Time::never() || !open_at(record.arrival)) {
    ++requests_left_out_;
    return;
  }
  replica(record.replica, record.pool, 0);
  async("b", record, "request", record.arrival);
  text_ += ",\"args\":{\"status\":\"";
  text_ += name(record.status);
  text_ += "\",\"input_tokens\":";
  integer(record.input_tokens);
  text_ += ",\"cached_tokens\":";
  integer(record.cached_tokens);
  text_ += ",\"output_tokens\":";
  integer(record.output_tokens);
  text_ += ",\"preemptions\":";
  integer(record.preemptions);
  text_ += "}}";
  if (record.first_scheduled != Time::never()) {
    nested(record, "queue", record.arrival, record.first_scheduled);
    if (record.first_token != Time::never()) {
      nested(record, "prefill", record.first_scheduled, record.first_token);
      nested(record, "decode", record.first_token, record.finish);
    }
  }
  async("e", record, "request", record.finish);
  text_ += '}';
  if (record.kv_transfer_begin != Time::never() && record.decode_replica.value >= 0) transfer(record);
  hand_on(hand_on_at);
}

void PerfettoTrace::transfer(const RequestRecord& record) {
  const Time end = record.kv_transfer_begin + record.kv_transfer;
  nested(record, "KV transfer", record.kv_transfer_begin, end);
  const auto flow = [&](std::string_view phase, Time at, std::int64_t process) {
    event(phase, at, process, 0);
    text_ += ",\"cat\":\"transfer\",\"name\":\"KV transfer\",\"id\":";
    integer(record.id.value);
    // Bound to the slice around its end, not to the next one that begins.
    text_ += phase == "f" ? ",\"bp\":\"e\"}" : "}";
  };
  flow("s", record.kv_transfer_begin, record.prefill_replica.value);
  flow("f", end, record.decode_replica.value);
}

void PerfettoTrace::finish() {
  text_ += "\n],\"otherData\":{\"schema\":1,\"units\":\"microseconds\",\"slices\":";
  integer(slices_);
  text_ += ",\"complete\":";
  text_ += cut_ == Time::never() ? "true" : "false";
  if (cut_ != Time::never()) {
    text_ += ",\"cut_at_us\":";
    microseconds((cut_ - Time{}).ps);
  }
  text_ += ",\"runs_of_cycles_left_out\":";
  integer(slices_left_out_);
  text_ += ",\"requests_left_out\":";
  integer(requests_left_out_);
  text_ += "}}\n";
  hand_on(1);
}

}  // namespace memwall::tools::exports
