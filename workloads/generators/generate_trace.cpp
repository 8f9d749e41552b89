#include "workloads/generators/generate_trace.hpp"

#include <algorithm>
#include <string>

#include "sim/base/error.hpp"
#include "sim/base/hash.hpp"
#include "workloads/formats/own_trace.hpp"
#include "workloads/generators/causal_source.hpp"

namespace memwall {
namespace {

std::int64_t nanoseconds(std::int64_t ps) { return ps / 1000; }

std::string_view name_at(const std::vector<std::string>& names, std::int32_t position) {
  return position < 0 ? std::string_view() : names.at(static_cast<std::size_t>(position));
}

void put_labels(const Request& request, const LabelNames& names, TraceRow& row) {
  const RequestLabels& labels = request.labels;
  row.tenant = name_at(names.tenants, labels.tenant);
  row.service_class = name_at(names.classes, labels.service_class);
  row.adapter = name_at(names.adapters, labels.adapter);
  row.images = labels.images;
  row.priority = request.priority;
  if (labels.deadline != Time::never()) row.deadline_ns = nanoseconds((labels.deadline - request.arrival).ps);
}

void put_cause(const Cause& cause, TraceRow& row) {
  row.name = cause.name;
  row.after.assign(cause.after.begin(), cause.after.end());
  if (cause.after.empty()) return;
  row.has_time = false;
  row.has_delay = true;
  row.delay_ns = nanoseconds(cause.delay.ps);
}

}  // namespace

std::vector<std::uint64_t> prompt_blocks(const Request& request, std::int64_t block_tokens) {
  std::vector<std::uint64_t> ids;
  std::uint64_t hash = 0;
  std::int64_t in_block = 0;  // tokens that the block under way has
  std::int64_t left = request.input_tokens;
  // Ranges that go on where the last one ended are one piece, however they were written.
  TokenRange piece;
  const auto take = [&](const TokenRange& range) {
    for (std::int64_t at = range.begin; at < range.end;) {
      const std::int64_t tokens = std::min(range.end - at, block_tokens - in_block);
      hash = Hasher(hash)
                 .add(range.stream)
                 .add(static_cast<std::uint64_t>(at))
                 .add(static_cast<std::uint64_t>(tokens))
                 .value();
      at += tokens;
      in_block += tokens;
      if (in_block < block_tokens) continue;
      ids.push_back(hash >> 1);  // readers of signed numbers keep it whole
      in_block = 0;
    }
  };
  for (TokenRange range : request.prompt) {
    range.end = std::min(range.end, range.begin + left);
    left -= range.end - range.begin;
    if (piece.end > piece.begin && range.stream == piece.stream && range.begin == piece.end) {
      piece.end = range.end;
      continue;
    }
    take(piece);
    piece = range;
  }
  take(piece);
  return ids;
}

GeneratedTrace generate_trace(RequestSource& source, std::string_view source_name, std::int64_t block_tokens,
                              const std::function<void(std::string_view)>& sink) {
  if (source.cancels()) {
    throw InputError(
        "the workload cancels requests when enough of the others have ended, which no trace can hold; run the scenario "
        "itself");
  }
  constexpr std::size_t piece = std::size_t{1} << 16;
  const auto* causal = dynamic_cast<const CausalSource*>(&source);
  const LabelNames names = source.names();
  GeneratedTrace done;
  done.waits_unwritten = source.closed_loop() && (causal == nullptr || !causal->tells_all_causes());
  std::string text = own_trace_header(source_name);
  std::string session;
  TraceRow row;
  while (!source.exhausted()) {
    law(source.next_arrival() != Time::never(), "a source that is not exhausted goes on once all others ended");
    const Request request = source.pop();
    const Cause cause = causal != nullptr ? causal->cause() : Cause{};
    row.clear();
    row.place.row = done.rows++;
    row.has_time = true;
    row.time_ns = done.waits_unwritten ? 0 : nanoseconds(request.arrival.ps);
    row.input_tokens = request.input_tokens;
    row.output_tokens = request.output_tokens;
    if (request.max_tokens != request.output_tokens) row.output_limit = request.max_tokens;
    if (request.session >= 0) row.session = session = std::to_string(request.session);
    row.blocks = prompt_blocks(request, block_tokens);
    row.block_tokens = block_tokens;
    put_labels(request, names, row);
    put_cause(cause, row);
    append_own_trace_row(row, text);
    source.ended_as(request, {request.arrival, Status::completed, request.output_tokens});
    if (text.size() < piece) continue;
    sink(text);
    text.clear();
  }
  sink(text);
  return done;
}

}  // namespace memwall
