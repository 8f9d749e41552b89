#include "sim/hw/topology.hpp"

#include <algorithm>
#include <limits>

namespace memwall {

std::vector<int> Topology::chips() const {
  std::vector<int> out;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].kind == NodeKind::chip) out.push_back(static_cast<int>(i));
  }
  return out;
}

BytesPerSecond Topology::rate(const TopologyLink& link, bool forward) const {
  const LinkKind& kind = link_kinds[static_cast<std::size_t>(link.kind)];
  return (forward ? kind.bandwidth.value : kind.back) * static_cast<double>(link.lanes);
}

BytesPerSecond Topology::injection() const {
  // What a network card adds does not count where chips have links of their own.
  std::vector<double> own(nodes.size(), 0);
  std::vector<double> other(nodes.size(), 0);
  for (const TopologyLink& link : links) {
    const Tier tier = link_kinds[static_cast<std::size_t>(link.kind)].tier;
    std::vector<double>& sum = tier == Tier::scale_up || tier == Tier::package ? own : other;
    sum[static_cast<std::size_t>(link.from)] += rate(link, true).value;
    sum[static_cast<std::size_t>(link.to)] += rate(link, false).value;
  }
  double least = std::numeric_limits<double>::infinity();
  for (const int chip : chips()) {
    const auto i = static_cast<std::size_t>(chip);
    least = std::min(least, own[i] > 0 ? own[i] : other[i]);
  }
  return BytesPerSecond{least};
}

BytesPerSecond Topology::card_rate() const {
  double least = std::numeric_limits<double>::infinity();
  for (const TopologyLink& link : links) {
    const NodeKind from = nodes[static_cast<std::size_t>(link.from)].kind;
    const NodeKind to = nodes[static_cast<std::size_t>(link.to)].kind;
    if (from == NodeKind::nic || to == NodeKind::nic)
      least = std::min({least, rate(link, true).value, rate(link, false).value});
  }
  return BytesPerSecond{least == std::numeric_limits<double>::infinity() ? 0 : least};
}

Joules Topology::energy(const Route& route, Bytes payload) const {
  Joules sum;
  for (const LinkShare& part : route.shares) {
    const TopologyLink& link = links[static_cast<std::size_t>(part.link)];
    sum += link_kinds[static_cast<std::size_t>(link.kind)].energy.value * (payload * part.share);
  }
  return sum;
}

std::vector<std::string> Topology::problems() const {
  std::vector<std::string> out;
  if (chips().empty()) out.push_back("has no chip; a topology joins at least one");
  std::vector<std::vector<int>> next(nodes.size());
  for (const TopologyLink& link : links) {
    const std::string ends = "the link from \"" + nodes[static_cast<std::size_t>(link.from)].name + "\" to \"" +
                             nodes[static_cast<std::size_t>(link.to)].name + "\"";
    if (link.from == link.to) out.push_back(ends + " joins a node with itself");
    next[static_cast<std::size_t>(link.from)].push_back(link.to);
    next[static_cast<std::size_t>(link.to)].push_back(link.from);
  }
  if (nodes.empty()) return out;
  std::vector<char> seen(nodes.size(), 0);
  std::vector<int> open = {0};
  seen[0] = 1;
  while (!open.empty()) {
    const int node = open.back();
    open.pop_back();
    for (const int other : next[static_cast<std::size_t>(node)]) {
      if (seen[static_cast<std::size_t>(other)] != 0) continue;
      seen[static_cast<std::size_t>(other)] = 1;
      open.push_back(other);
    }
  }
  std::size_t lost = 0;
  std::string first;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (seen[i] != 0) continue;
    if (lost++ == 0) first = nodes[i].name;
  }
  if (lost > 0) {
    out.push_back("falls apart: " + std::to_string(lost) + " of " + std::to_string(nodes.size()) + " nodes, \"" +
                  first + "\" among them, cannot be reached from \"" + nodes[0].name +
                  "\"; add the links that join them");
  }
  return out;
}

}  // namespace memwall
