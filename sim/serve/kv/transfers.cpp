#include "sim/serve/kv/transfers.hpp"

#include <algorithm>

namespace memwall {

Transfers::Number Transfers::start(Time now, Bytes bytes, std::vector<FlowUse> route, Duration latency) {
  const Number number = next_number_++;
  State state;
  state.flow = flows_.start(now, bytes, std::move(route));
  state.started = now;
  state.latency = latency;
  by_flow_.emplace(state.flow, number);
  under_way_.emplace(number, state);
  return number;
}

void Transfers::stop(Time now, Number number) {
  const auto place = under_way_.find(number);
  if (place == under_way_.end()) return;
  const State& state = place->second;
  if (state.arrives == Time::never()) {
    flows_.stop(now, state.flow);
    by_flow_.erase(state.flow);
  } else {
    arriving_.erase({state.arrives, number});
  }
  under_way_.erase(place);
}

Time Transfers::next() {
  const Time flow = flows_.next_end();
  return arriving_.empty() ? flow : std::min(flow, arriving_.begin()->first);
}

std::vector<Transfers::Number> Transfers::advance(Time now) {
  for (const FlowNetwork::Flow flow : flows_.advance(now)) {
    const auto place = by_flow_.find(flow);
    State& state = under_way_.at(place->second);
    state.arrives = std::max(now + state.latency, state.started + Duration{1});
    arriving_.emplace(state.arrives, place->second);
    by_flow_.erase(place);
  }
  std::vector<Number> there;
  while (!arriving_.empty() && arriving_.begin()->first <= now) {
    there.push_back(arriving_.begin()->second);
    under_way_.erase(there.back());
    arriving_.erase(arriving_.begin());
  }
  return there;
}

}  // namespace memwall
