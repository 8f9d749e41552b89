#include "workloads/replay/session_stats.hpp"

#include <algorithm>
#include <utility>

#include "workloads/replay/length_stats.hpp"

namespace memwall {
namespace {

std::array<double, 3> three_quantiles(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return {sorted_quantile(values, 0.1), sorted_quantile(values, 0.5), sorted_quantile(values, 0.9)};
}

double seconds(std::int64_t ns) { return static_cast<double>(ns) * 1e-9; }

}  // namespace

Spread spread_of(std::vector<double> values) {
  Spread out;
  out.count = static_cast<std::int64_t>(values.size());
  std::sort(values.begin(), values.end());
  for (std::size_t i = 0; i < Spread::levels.size(); ++i) out.quantiles[i] = sorted_quantile(values, Spread::levels[i]);
  return out;
}

void SessionCounter::add(const TraceRow& row) {
  if (row.service_ns >= 0) service_s_.push_back(seconds(row.service_ns));
  if (row.first_token_ns >= 0) first_token_s_.push_back(seconds(row.first_token_ns));
  if (row.session.empty()) return;
  auto at = sessions_.find(row.session);
  if (at == sessions_.end()) at = sessions_.emplace(row.session, Session{}).first;
  Session& session = at->second;
  agents_ += row.service_class.empty() ? 0 : 1;
  add_content(row, session);
  add_times(row, session);
  ++session.calls;
  // Rows that wait are met after all others, so their places in the file say which was first.
  if (session.calls == 1 || row.place.row < session.first_row) {
    session.first_row = row.place.row;
    session.first_prompt = row.input_tokens;
    session.fixed_tokens = row.fixed_tokens;
  }
  if (session.calls == 1 || row.place.row > session.last_row) {
    session.last_row = row.place.row;
    session.last_prompt = row.input_tokens;
  }
}

void SessionCounter::add_content(const TraceRow& row, Session& session) {
  if (row.blocks.empty()) {
    if (row.prefix_tokens >= 0 && session.calls > 0) {
      new_tokens_.push_back(static_cast<double>(std::max<std::int64_t>(0, row.input_tokens - row.prefix_tokens)));
    }
    return;
  }
  std::int64_t before = 0;
  for (const std::uint64_t id : row.blocks) before += session.known.contains(id) ? 1 : 0;
  session.known.insert(row.blocks.begin(), row.blocks.end());
  session.blocks += static_cast<std::int64_t>(row.blocks.size());
  session.blocks_before += before;
  if (session.calls == 0) return;
  const std::int64_t known_tokens = std::min(before * row.block_tokens, row.input_tokens);
  new_tokens_.push_back(static_cast<double>(row.input_tokens - known_tokens));
}

void SessionCounter::add_times(const TraceRow& row, Session& session) {
  if (!row.has_time) return;
  if (session.ended_ns >= 0) {
    ++successions_;
    overlaps_ += row.time_ns < session.ended_ns ? 1 : 0;
  }
  session.ended_ns = row.service_ns >= 0 ? row.time_ns + row.service_ns : -1;
}

SessionStats SessionCounter::stats(const std::vector<Follower>& followers) const {
  SessionStats out;
  out.sessions = static_cast<std::int64_t>(sessions_.size());
  std::vector<double> calls, first, last, reuse, fixed, delays;
  for (const auto& [name, session] : sessions_) {
    out.rows += session.calls;
    out.most_calls = std::max(out.most_calls, session.calls);
    calls.push_back(static_cast<double>(session.calls));
    first.push_back(static_cast<double>(session.first_prompt));
    last.push_back(static_cast<double>(session.last_prompt));
    if (session.fixed_tokens >= 0) fixed.push_back(static_cast<double>(session.fixed_tokens));
    if (session.blocks > 0) {
      reuse.push_back(static_cast<double>(session.blocks_before) / static_cast<double>(session.blocks));
    }
  }
  for (const Follower& follower : followers) delays.push_back(seconds(follower.delay_ns));
  out.calls = three_quantiles(std::move(calls));
  out.first_prompt = spread_of(std::move(first));
  out.last_prompt = spread_of(std::move(last));
  out.reuse = spread_of(std::move(reuse));
  out.fixed_tokens = spread_of(std::move(fixed));
  out.delay_s = spread_of(std::move(delays));
  out.new_tokens = spread_of(new_tokens_);
  out.service_s = spread_of(service_s_);
  out.first_token_s = spread_of(first_token_s_);
  out.successions = successions_;
  out.overlaps = overlaps_;
  out.agents = agents_;
  return out;
}

}  // namespace memwall
