// Everything that needs Boost.Graph: shortest paths with ties, and max-flow.
#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 takes an optional inside Boost's edge iterator for uninitialised once it is inlined here.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/dijkstra_shortest_paths.hpp>
#include <boost/graph/push_relabel_max_flow.hpp>
#include <cmath>
#include <limits>
#include <utility>

#include "sim/base/error.hpp"
#include "sim/hw/topology.hpp"

namespace memwall {
namespace {

/// Weight of a path: picoseconds, then hops, in one whole number, so that ties are exact.
using Weight = std::int64_t;
constexpr Weight hop = 1;
constexpr Weight picosecond = Weight{1} << 16;

using Graph =
    boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property,
                          boost::property<boost::edge_weight_t, Weight, boost::property<boost::edge_index_t, int>>>;

/// One direction of a link.
struct Arc {
  int from;
  int to;
  int link;
  bool forward;
  double rate;
};

}  // namespace

struct TopologyGraph::Impl {
  const Topology* topology;
  std::vector<int> chips;
  std::vector<Arc> arcs;               ///< in the order of the links, forward before back
  std::vector<std::vector<int>> into;  ///< arcs that end at a node
  Graph graph;

  [[nodiscard]] Weight weight(const Arc& arc) const {
    const auto& link = topology->links[static_cast<std::size_t>(arc.link)];
    const Seconds latency = topology->link_kinds[static_cast<std::size_t>(link.kind)].latency.value;
    return static_cast<Weight>(std::llround(latency.value * 1e12)) * picosecond + hop;
  }

  [[nodiscard]] std::vector<Weight> distances(int from) const {
    std::vector<Weight> out(topology->nodes.size(), std::numeric_limits<Weight>::max());
    boost::dijkstra_shortest_paths(graph, static_cast<Graph::vertex_descriptor>(from), boost::distance_map(out.data()));
    return out;
  }

  /// Adds `amount` that flows from the source of `far` to `to` to the loads of arcs. Paths are split evenly at every
  /// node, looking back from the target, so that both directions of a pair use the same links where they tie.
  void spread(const std::vector<Weight>& far, const std::vector<int>& order, std::vector<double>& wanted,
              std::vector<double>& load) const {
    for (const int node : order) {
      const double amount = wanted[static_cast<std::size_t>(node)];
      if (amount <= 0) continue;
      double lanes = 0;
      for (const int a : into[static_cast<std::size_t>(node)]) {
        if (on_shortest(far, arcs[static_cast<std::size_t>(a)])) lanes += arcs[static_cast<std::size_t>(a)].rate;
      }
      if (lanes <= 0) continue;  // the source itself
      for (const int a : into[static_cast<std::size_t>(node)]) {
        const Arc& arc = arcs[static_cast<std::size_t>(a)];
        if (!on_shortest(far, arc)) continue;
        const double part = amount * (arc.rate / lanes);
        load[static_cast<std::size_t>(a)] += part;
        wanted[static_cast<std::size_t>(arc.from)] += part;
      }
    }
  }

  [[nodiscard]] bool on_shortest(const std::vector<Weight>& far, const Arc& arc) const {
    const Weight before = far[static_cast<std::size_t>(arc.from)];
    return before != std::numeric_limits<Weight>::max() &&
           before + weight(arc) == far[static_cast<std::size_t>(arc.to)];
  }

  /// Nodes from the farthest to the source.
  [[nodiscard]] std::vector<int> backwards(const std::vector<Weight>& far) const {
    std::vector<int> order(far.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(i);
    std::sort(order.begin(), order.end(), [&](int a, int b) {
      const Weight x = far[static_cast<std::size_t>(a)];
      const Weight y = far[static_cast<std::size_t>(b)];
      return x != y ? x > y : a < b;
    });
    return order;
  }

  /// A ring in the order of ranks, or one that goes out over every other rank and comes back over the rest: the better
  /// one on a line, which has no link from its end to its start.
  [[nodiscard]] static std::vector<int> ring_order(int ranks, bool folded);
  [[nodiscard]] std::vector<int> best_ring(int ranks) const;
  [[nodiscard]] Weight longest_step(const std::vector<int>& order) const;

  /// Load of every arc where `demand(rank, other)` bytes go from each of the first `ranks` chips to each other one.
  template <class Demand>
  [[nodiscard]] double fullest(int ranks, Demand demand) const {
    std::vector<double> load(arcs.size(), 0);
    for (int rank = 0; rank < ranks; ++rank) {
      const std::vector<Weight> far = distances(chips[static_cast<std::size_t>(rank)]);
      std::vector<double> wanted(topology->nodes.size(), 0);
      for (int other = 0; other < ranks; ++other) {
        if (other != rank)
          wanted[static_cast<std::size_t>(chips[static_cast<std::size_t>(other)])] = demand(rank, other);
      }
      spread(far, backwards(far), wanted, load);
    }
    double worst = 0;
    for (std::size_t a = 0; a < arcs.size(); ++a) worst = std::max(worst, load[a] / arcs[a].rate);
    return worst;
  }
};

TopologyGraph::TopologyGraph(const Topology& topology) : impl_(new Impl{&topology, topology.chips(), {}, {}, {}}) {
  law(topology.problems().empty(), "only a whole graph has routes; the reader checks it");
  impl_->into.resize(topology.nodes.size());
  impl_->graph = Graph(topology.nodes.size());
  for (std::size_t i = 0; i < topology.links.size(); ++i) {
    const TopologyLink& link = topology.links[i];
    for (const bool forward : {true, false}) {
      Arc arc{forward ? link.from : link.to, forward ? link.to : link.from, static_cast<int>(i), forward,
              topology.rate(link, forward).value};
      if (arc.rate <= 0) continue;
      const int place = static_cast<int>(impl_->arcs.size());
      boost::add_edge(static_cast<Graph::vertex_descriptor>(arc.from), static_cast<Graph::vertex_descriptor>(arc.to),
                      Graph::edge_property_type(impl_->weight(arc), place), impl_->graph);
      impl_->into[static_cast<std::size_t>(arc.to)].push_back(place);
      impl_->arcs.push_back(arc);
    }
  }
}

TopologyGraph::~TopologyGraph() { delete impl_; }
TopologyGraph::TopologyGraph(TopologyGraph&& other) noexcept : impl_(std::exchange(other.impl_, nullptr)) {}

Route TopologyGraph::route(int from, int to) const {
  law(from >= 0 && to >= 0 && std::max(from, to) < static_cast<int>(impl_->topology->nodes.size()),
      "a route joins two nodes of the graph");
  Route route;
  if (from == to) return route;
  const std::vector<Weight> far = impl_->distances(from);
  const Weight whole = far[static_cast<std::size_t>(to)];
  law(whole != std::numeric_limits<Weight>::max(), "every node of a whole graph is reached");
  route.latency = Seconds{static_cast<double>(whole / picosecond) * 1e-12};
  route.hops = static_cast<int>(whole % picosecond);
  std::vector<double> wanted(far.size(), 0);
  std::vector<double> load(impl_->arcs.size(), 0);
  wanted[static_cast<std::size_t>(to)] = 1;
  impl_->spread(far, impl_->backwards(far), wanted, load);
  for (std::size_t a = 0; a < load.size(); ++a) {
    if (load[a] > 0) route.shares.push_back({impl_->arcs[a].link, impl_->arcs[a].forward, load[a]});
  }
  return route;
}

BytesPerSecond TopologyGraph::bisection() const {
  using Traits = boost::adjacency_list_traits<boost::vecS, boost::vecS, boost::directedS>;
  using Flow = boost::adjacency_list<
      boost::vecS, boost::vecS, boost::directedS, boost::no_property,
      boost::property<boost::edge_capacity_t, std::int64_t,
                      boost::property<boost::edge_residual_capacity_t, std::int64_t,
                                      boost::property<boost::edge_reverse_t, Traits::edge_descriptor>>>>;
  const auto count = impl_->chips.size();
  if (count < 2) return {};
  const std::size_t nodes = impl_->topology->nodes.size();
  Flow flow(nodes + 2);
  const auto capacity = boost::get(boost::edge_capacity, flow);
  const auto reverse = boost::get(boost::edge_reverse, flow);
  const auto join = [&](std::size_t from, std::size_t to, std::int64_t rate) {
    const auto there = boost::add_edge(from, to, flow).first;
    const auto back = boost::add_edge(to, from, flow).first;
    capacity[there] = rate;
    capacity[back] = 0;
    reverse[there] = back;
    reverse[back] = there;
  };
  // Rates as whole kilobytes a second: sums stay exact and the answer does not depend on the order of the arcs.
  constexpr double grain = 1000;
  std::int64_t all = 0;
  for (const Arc& arc : impl_->arcs) {
    const std::int64_t rate = std::llround(arc.rate / grain);
    all += rate;
    join(static_cast<std::size_t>(arc.from), static_cast<std::size_t>(arc.to), rate);
  }
  for (std::size_t i = 0; i < count; ++i) {
    const auto chip = static_cast<std::size_t>(impl_->chips[i]);
    if (i < count / 2) {
      join(nodes, chip, all);
    } else {
      join(chip, nodes + 1, all);
    }
  }
  return BytesPerSecond{static_cast<double>(boost::push_relabel_max_flow(flow, nodes, nodes + 1)) * grain};
}

BytesPerSecond TopologyGraph::all_to_all(int ranks) const {
  law(ranks >= 2 && ranks <= static_cast<int>(impl_->chips.size()), "a group lies inside the graph");
  return BytesPerSecond{(ranks - 1) / impl_->fullest(ranks, [](int, int) { return 1.0; })};
}

BytesPerSecond TopologyGraph::all_to_all_bound() const {
  const auto count = static_cast<double>(impl_->chips.size());
  const double half = std::floor(count / 2);
  // `half` chips send to each of the others behind the cut; each sends (count - 1) shares in all.
  const double through = bisection().value * (count - 1) / (half * (count - half));
  return BytesPerSecond{std::min(impl_->topology->injection().value, through)};
}

std::vector<int> TopologyGraph::Impl::ring_order(int ranks, bool folded) {
  std::vector<int> order;
  if (!folded) {
    for (int i = 0; i < ranks; ++i) order.push_back(i);
    return order;
  }
  for (int i = 0; i < ranks; i += 2) order.push_back(i);
  for (int i = ranks - 1 - ranks % 2; i > 0; i -= 2) order.push_back(i);
  return order;
}

Weight TopologyGraph::Impl::longest_step(const std::vector<int>& order) const {
  Weight worst = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::vector<Weight> far = distances(chips[static_cast<std::size_t>(order[i])]);
    const int next = order[(i + 1) % order.size()];
    worst = std::max(worst, far[static_cast<std::size_t>(chips[static_cast<std::size_t>(next)])]);
  }
  return worst;
}

std::vector<int> TopologyGraph::Impl::best_ring(int ranks) const {
  std::vector<int> straight = ring_order(ranks, false);
  std::vector<int> folded = ring_order(ranks, true);
  return longest_step(folded) < longest_step(straight) ? folded : straight;
}

BytesPerSecond TopologyGraph::ring(int ranks) const {
  law(ranks >= 2 && ranks <= static_cast<int>(impl_->chips.size()), "a group lies inside the graph");
  const std::vector<int> order = impl_->best_ring(ranks);
  std::vector<int> place(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) place[static_cast<std::size_t>(order[i])] = static_cast<int>(i);
  const auto neighbour = [&](int rank, int other) {
    const int distance =
        (place[static_cast<std::size_t>(other)] - place[static_cast<std::size_t>(rank)] + ranks) % ranks;
    return distance == 1 || distance == ranks - 1 ? 0.5 : 0.0;
  };
  // With two chips both neighbours are the same one.
  const double scale = ranks == 2 ? 0.5 : 1.0;
  return BytesPerSecond{scale / impl_->fullest(ranks, neighbour)};
}

Seconds TopologyGraph::farthest(int ranks) const {
  Weight worst = 0;
  for (int rank = 0; rank < ranks; ++rank) {
    const std::vector<Weight> far = impl_->distances(impl_->chips[static_cast<std::size_t>(rank)]);
    for (int other = 0; other < ranks; ++other) {
      worst = std::max(worst, far[static_cast<std::size_t>(impl_->chips[static_cast<std::size_t>(other)])]);
    }
  }
  return Seconds{static_cast<double>(worst / picosecond) * 1e-12};
}

Seconds TopologyGraph::ring_step(int ranks) const {
  const Weight worst = impl_->longest_step(impl_->best_ring(ranks));
  return Seconds{static_cast<double>(worst / picosecond) * 1e-12};
}

}  // namespace memwall
