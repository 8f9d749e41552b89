#include "workloads/replay/trace_requests.hpp"

#include <algorithm>

#include "sim/base/error.hpp"
#include "sim/base/hash.hpp"

namespace memwall {
namespace {

std::map<std::string, std::int32_t, std::less<>> positions(const std::vector<std::string>& texts) {
  std::map<std::string, std::int32_t, std::less<>> out;
  for (const std::string& text : texts) out.emplace(text, static_cast<std::int32_t>(out.size()));
  return out;
}

template <class Positions>
std::int32_t position(const Positions& known, std::string_view text) {
  if (text.empty()) return -1;
  const auto at = known.find(text);
  if (at == known.end()) throw InputError("the trace changed while it was replayed; run again");
  return at->second;
}

}  // namespace

TraceRequests::TraceRequests(const StopRule& stop, const TraceSurvey& survey, std::int32_t workload)
    : stop_(stop),
      survey_(survey),
      workload_(workload),
      block_streams_(Hasher().add("trace block").add(static_cast<std::uint64_t>(workload)).value()),
      tail_streams_(Hasher().add("trace tail").add(static_cast<std::uint64_t>(workload)).value()),
      tenants_(positions(survey.labels.tenants)),
      classes_(positions(survey.labels.classes)),
      adapters_(positions(survey.labels.adapters)) {}

Request TraceRequests::make(const TraceRow& row, Time arrival) {
  Request request;
  request.arrival = arrival;
  request.workload = workload_;
  request.input_tokens = row.input_tokens;
  request.ticket = row.place.row;
  if (stop_.apply(row.output_tokens, request)) ++capped_;
  if (!stop_.eos && row.output_limit > row.output_tokens) {
    // The client's cap is all that the engine was told, and the answer ended before it.
    request.max_tokens = row.output_limit;
    request.stops_by_eos = true;
  }
  request.priority = row.priority;
  if (!row.session.empty()) {
    const auto session = survey_.sessions.find(row.session);
    if (session == survey_.sessions.end()) throw InputError("the trace changed while it was replayed; run again");
    request.session = session->second;
  }
  set_labels(row, request);
  if (!row.blocks.empty()) {
    describe_blocks(row, request.prompt);
  } else if (row.prefix_tokens >= 0 && request.session >= 0) {
    continue_session(row, request);
  }
  return request;
}

void TraceRequests::set_labels(const TraceRow& row, Request& request) const {
  request.labels.tenant = position(tenants_, row.tenant);
  request.labels.service_class = position(classes_, row.service_class);
  request.labels.adapter = position(adapters_, row.adapter);
  request.labels.images = row.images;
  std::int64_t deadline_ps = 0;
  std::int64_t moment_ps = 0;
  if (row.deadline_ns >= 0 && !__builtin_mul_overflow(row.deadline_ns, 1000, &deadline_ps) &&
      !__builtin_add_overflow(request.arrival.ps, deadline_ps, &moment_ps)) {
    request.labels.deadline = Time{moment_ps};
  }
}

/// An id stands for its block, and blocks are compared from the front, so each id is a token stream of its own: prompts
/// share tokens exactly as far as their leading ids are equal. Combining with a fixed hash is a bijection, so ids never
/// collide.
void TraceRequests::describe_blocks(const TraceRow& row, std::vector<TokenRange>& prompt) const {
  prompt.reserve(row.blocks.size() + 1);
  std::int64_t left = row.input_tokens;
  for (const std::uint64_t id : row.blocks) {
    if (left == 0) break;
    prompt.push_back({combine(block_streams_, id), 0, std::min(left, row.block_tokens)});
    left -= prompt.back().end;
  }
  if (left > 0) prompt.push_back({combine(tail_streams_, static_cast<std::uint64_t>(row.place.row)), 0, left});
}

/// As many leading tokens as the trace says are those of the session's prompt before and of its answer; what those did
/// not hold is new, and so is the answer, behind the prompt.
void TraceRequests::continue_session(const TraceRow& row, Request& request) {
  std::vector<TokenRange>& history = histories_[request.session];
  const std::int64_t common = std::min(row.prefix_tokens, row.input_tokens);
  std::int64_t used = 0;
  for (const TokenRange& range : history) {
    if (used == common) break;
    const std::int64_t part = std::min(range.end - range.begin, common - used);
    request.prompt.push_back({range.stream, range.begin, range.begin + part});
    used += part;
  }
  request.prompt.push_back({combine(tail_streams_, static_cast<std::uint64_t>(row.place.row)), used,
                            row.input_tokens + request.output_tokens});
  history = request.prompt;
}

}  // namespace memwall
