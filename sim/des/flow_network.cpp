#include "sim/des/flow_network.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace memwall {

FlowNetwork::FlowNetwork(std::vector<BytesPerSecond> capacities)
    : links_(capacities.size()),
      room_(capacities.size()),
      wanted_(capacities.size()),
      seen_link_(capacities.size(), 0),
      level_(capacities.size()) {
  for (std::size_t i = 0; i < capacities.size(); ++i) {
    law(capacities[i].value > 0 && std::isfinite(capacities[i].value),
        "every link of a flow network carries something");
    links_[i].capacity = capacities[i].value;
  }
}

FlowNetwork::Flow FlowNetwork::start(Time now, Bytes size, std::vector<FlowUse> route, BytesPerSecond limit) {
  if (now > now_) {
    settle();
    law(ends_.empty() || ends_.top_key() >= now, "ends before a start are taken with `advance` first");
  }
  law(now >= now_, "flows start in the order of time");
  law(size.value >= 0 && std::isfinite(size.value) && limit.value >= 0, "a flow moves a finite number of bytes");
  for (const FlowUse& use : route) {
    law(use.link >= 0 && use.link < static_cast<int>(links_.size()) && use.share > 0,
        "a flow uses links of its network");
  }
  now_ = now;
  const Flow flow = static_cast<Flow>(flows_.size());
  State state;
  state.route = std::move(route);
  state.size = size.value;
  state.limit = limit.value;
  state.since = now;
  state.running = true;
  flows_.push_back(std::move(state));
  seen_flow_.push_back(0);
  ends_.resize(flows_.size());
  State& placed = flows_.back();
  for (const FlowUse& use : placed.route) links_[static_cast<std::size_t>(use.link)].flows.push_back(flow);
  if (placed.size == 0 || (placed.route.empty() && placed.limit == 0)) {
    ends_.set(flow, now);
  } else if (placed.route.empty()) {
    freeze(flow, placed.limit);
  } else {
    soil(placed);
  }
  return flow;
}

void FlowNetwork::soil(const State& state) {
  for (const FlowUse& use : state.route) {
    Link& link = links_[static_cast<std::size_t>(use.link)];
    if (!link.dirty) dirty_.push_back(use.link);
    link.dirty = true;
  }
}

void FlowNetwork::stop(Time now, Flow flow) {
  law(now >= now_ && flows_[flow].running, "a flow that runs can be stopped");
  settle();
  now_ = now;
  State& state = flows_[flow];
  state.moved = moved_until(state, now);
  end(flow);
}

void FlowNetwork::end(Flow flow) {
  State& state = flows_[flow];
  state.running = false;
  state.rate = 0;
  state.since = now_;
  ends_.remove(flow);
  for (const FlowUse& use : state.route) {
    Link& link = links_[static_cast<std::size_t>(use.link)];
    link.carried += state.moved * use.share;
    link.flows.erase(std::find(link.flows.begin(), link.flows.end(), flow));
  }
  soil(state);
}

double FlowNetwork::moved_until(const State& state, Time now) const {
  return std::min(state.size, state.moved + state.rate * (now - state.since).seconds());
}

Time FlowNetwork::next_end() {
  settle();
  return ends_.empty() ? Time::never() : ends_.top_key();
}

std::vector<FlowNetwork::Flow> FlowNetwork::advance(Time now) {
  law(now >= now_, "time does not run backwards");
  std::vector<Flow> over;
  while (next_end() <= now) {
    now_ = ends_.top_key();
    while (!ends_.empty() && ends_.top_key() == now_) {
      const auto flow = static_cast<Flow>(ends_.top());
      flows_[flow].moved = flows_[flow].size;
      end(flow);
      over.push_back(flow);
    }
  }
  now_ = now;
  return over;
}

BytesPerSecond FlowNetwork::rate(Flow flow) {
  settle();
  return BytesPerSecond{flows_[flow].rate};
}

Bytes FlowNetwork::moved(Flow flow, Time now) {
  settle();
  return Bytes{flows_[flow].running ? moved_until(flows_[flow], now) : flows_[flow].moved};
}

BytesPerSecond FlowNetwork::load(int link) {
  settle();
  double sum = 0;
  for (const Flow flow : links_[static_cast<std::size_t>(link)].flows) {
    for (const FlowUse& use : flows_[flow].route) {
      if (use.link == link) sum += flows_[flow].rate * use.share;
    }
  }
  return BytesPerSecond{sum};
}

Bytes FlowNetwork::carried(int link, Time now) {
  settle();
  double sum = links_[static_cast<std::size_t>(link)].carried;
  for (const Flow flow : links_[static_cast<std::size_t>(link)].flows) {
    for (const FlowUse& use : flows_[flow].route) {
      if (use.link == link) sum += moved_until(flows_[flow], now) * use.share;
    }
  }
  return Bytes{sum};
}

/// Everything that is connected with the links touched, through flows that share links.
void FlowNetwork::collect(std::vector<Flow>& flows, std::vector<int>& links) {
  for (const int link : dirty_) {
    links_[static_cast<std::size_t>(link)].dirty = false;
    if (std::exchange(seen_link_[static_cast<std::size_t>(link)], 1) == 0) links.push_back(link);
  }
  dirty_.clear();
  for (std::size_t i = 0; i < links.size(); ++i) {
    for (const Flow flow : links_[static_cast<std::size_t>(links[i])].flows) {
      if (std::exchange(seen_flow_[flow], 1) != 0) continue;
      flows.push_back(flow);
      for (const FlowUse& use : flows_[flow].route) {
        if (std::exchange(seen_link_[static_cast<std::size_t>(use.link)], 1) == 0) links.push_back(use.link);
      }
    }
  }
  for (const int link : links) seen_link_[static_cast<std::size_t>(link)] = 0;
  for (const Flow flow : flows) seen_flow_[flow] = 0;
  // Sums are taken in the order of numbers, so that they do not depend on which link was touched first.
  std::sort(flows.begin(), flows.end());
  std::sort(links.begin(), links.end());
}

void FlowNetwork::settle() {
  if (dirty_.empty()) return;
  std::vector<Flow> flows;
  std::vector<int> links;
  collect(flows, links);
  touched_ += flows.size();
  for (const Flow flow : flows) {
    State& state = flows_[flow];
    state.moved = moved_until(state, now_);
    state.since = now_;
  }
  fill(flows, links);
}

void FlowNetwork::freeze(Flow flow, double rate) {
  State& state = flows_[flow];
  state.rate = rate;
  // Rounded up to a whole picosecond, so that at its end a flow has moved all its bytes.
  const double seconds = (state.size - state.moved) / rate;
  constexpr double longest = 9.2e6;
  ends_.set(flow,
            seconds > longest ? Time::never() : Time{now_.ps + static_cast<std::int64_t>(std::ceil(seconds * 1e12))});
}

void FlowNetwork::fill(const std::vector<Flow>& flows, const std::vector<int>& links) {
  for (const int link : links) {
    room_[static_cast<std::size_t>(link)] = links_[static_cast<std::size_t>(link)].capacity;
    wanted_[static_cast<std::size_t>(link)] = 0;
  }
  // Flows with a limit of their own, the slowest first: each is frozen when the level passes its limit.
  std::vector<std::pair<double, Flow>> limited;
  for (const Flow flow : flows) {
    for (const FlowUse& use : flows_[flow].route) wanted_[static_cast<std::size_t>(use.link)] += use.share;
    if (flows_[flow].limit > 0) limited.emplace_back(flows_[flow].limit, flow);
    seen_flow_[flow] = 1;  // not frozen yet
  }
  std::sort(limited.begin(), limited.end());
  const auto key = [&](int link) {
    const auto i = static_cast<std::size_t>(link);
    return std::max(0.0, room_[i]) / wanted_[i];
  };
  for (const int link : links) {
    if (wanted_[static_cast<std::size_t>(link)] > 0) level_.set(static_cast<std::size_t>(link), key(link));
  }
  const auto settle_flow = [&](Flow flow, double rate) {
    seen_flow_[flow] = 0;
    freeze(flow, rate);
    for (const FlowUse& use : flows_[flow].route) {
      const auto i = static_cast<std::size_t>(use.link);
      room_[i] -= rate * use.share;
      wanted_[i] -= use.share;
      // What is left of a sum of shares after all were taken off is rounding.
      constexpr double nothing = 1e-9;
      if (wanted_[i] < nothing) {
        level_.remove(i);
      } else if (level_.contains(i)) {
        level_.set(i, key(use.link));
      }
    }
  };
  std::size_t next_limit = 0;
  while (!level_.empty()) {
    const std::size_t link = level_.top();
    const double level = level_.top_key();
    if (next_limit < limited.size() && limited[next_limit].first <= level) {
      const auto [limit, flow] = limited[next_limit++];
      if (seen_flow_[flow] != 0) settle_flow(flow, limit);
      continue;
    }
    const std::vector<Flow> here = links_[link].flows;
    level_.remove(link);
    for (const Flow flow : here) {
      if (seen_flow_[flow] != 0) settle_flow(flow, level);
    }
  }
}

}  // namespace memwall
