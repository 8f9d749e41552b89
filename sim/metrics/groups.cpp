#include "sim/metrics/groups.hpp"

#include <algorithm>

#include "sim/base/error.hpp"

namespace memwall {

void add(RequestCounts& sum, const RequestCounts& more) {
  sum.arrived += more.arrived;
  for (std::size_t i = 0; i < sum.ended.size(); ++i) sum.ended[i] += more.ended[i];
}

void add(TokenCounts& sum, const TokenCounts& more) {
  sum.input += more.input;
  sum.input_cached += more.input_cached;
  sum.output += more.output;
}

LatencySummaries summaries(const LatencyTally& tally) {
  LatencySummaries out;
  out.ttft = tally.of(LatencyMetric::ttft)->summary();
  out.tpot = tally.of(LatencyMetric::tpot)->summary();
  out.e2e = tally.of(LatencyMetric::e2e)->summary();
  out.queue = tally.of(LatencyMetric::queue)->summary();
  return out;
}

std::size_t Groups::place(const std::string& name) {
  named_ = named_ || !name.empty();
  const auto at = std::find_if(groups_.begin(), groups_.end(), [&](const Group& group) { return group.name == name; });
  if (at != groups_.end()) return static_cast<std::size_t>(at - groups_.begin());
  if (groups_.size() > most) return most;
  groups_.push_back({groups_.size() < most ? name : others, {}, {}, {}, LatencyTally(exact_below_)});
  return groups_.size() - 1;
}

void Groups::workload(const std::string& fallback, const std::vector<std::string>& names) {
  Places places;
  places.fallback = place(fallback);
  for (const std::string& name : names) places.names.push_back(place(name));
  workloads_.push_back(std::move(places));
}

void Groups::add(const RequestRecord& record, const RequestLatency& latency, std::int32_t own) {
  if (!named_) return;
  const Places& places = workloads_[static_cast<std::size_t>(record.workload)];
  law(own < static_cast<std::int32_t>(places.names.size()), "a request has a label that its source does not name");
  Group& group = groups_[own < 0 ? places.fallback : places.names[static_cast<std::size_t>(own)]];
  ++group.requests.arrived;
  ++group.requests.ended[static_cast<std::size_t>(record.status)];
  group.latency.add(record, latency);
  if (record.status == Status::completed) {
    memwall::add(group.tokens, {record.input_tokens, record.cached_tokens, record.output_tokens});
  }
  if (record.labels.deadline != Time::never()) {
    ++(deadline_met(record) ? group.deadlines.met : group.deadlines.missed);
  }
}

std::vector<GroupResults> Groups::results() const {
  std::vector<GroupResults> out;
  if (!named_) return out;
  for (const Group& group : groups_) {
    if (group.requests.arrived == 0) continue;
    out.push_back({group.name, group.requests, group.tokens, group.deadlines, summaries(group.latency)});
  }
  return out;
}

}  // namespace memwall
