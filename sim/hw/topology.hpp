// A graph of chips, dies, switches, network cards, hosts and storage, with what each link between them can carry.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/basis.hpp"
#include "sim/base/quantity.hpp"
#include "sim/base/reader.hpp"
#include "sim/base/tier.hpp"

namespace memwall {

enum class NodeKind : std::uint8_t { chip, die, fabric, nic, host, storage };  // `fabric`: a switch
inline constexpr std::array<std::string_view, 6> node_kind_names = {"chip", "die", "switch", "nic", "host", "storage"};
constexpr std::string_view name(NodeKind kind) { return node_kind_names[static_cast<std::size_t>(kind)]; }

/// What a link runs over. It bounds the length and says what the watts are for (docs/models/rack.md).
enum class Medium : std::uint8_t { silicon, package, board, copper, active_copper, pluggable_optics, packaged_optics };
inline constexpr std::array<std::string_view, 7> medium_names = {
    "silicon", "package", "board", "copper", "active_copper", "pluggable_optics", "packaged_optics"};
constexpr std::string_view name(Medium medium) { return medium_names[static_cast<std::size_t>(medium)]; }

/// One sort of link. Rates are of one direction of one link.
struct LinkKind {
  std::string name;
  Sourced<BytesPerSecond> bandwidth;  ///< from the first end to the second
  BytesPerSecond back;                ///< from the second end to the first
  Sourced<Seconds> latency;           ///< from one end to the other, the switch or chip behind it included
  Seconds per_message;                ///< beside latency and bytes, of each message
  Sourced<Quantity<Dimension{.data = -1, .energy = 1}>> energy;  ///< of moving a byte
  Medium medium = Medium::copper;
  Metres length;
  Tier tier = Tier::scale_up;  ///< who is charged for the time
};

struct TopologyNode {
  NodeKind kind = NodeKind::chip;
  std::string name;
};

/// `lanes` equal links side by side between two nodes.
struct TopologyLink {
  int from = 0;
  int to = 0;
  int kind = 0;  ///< position in Topology::link_kinds
  int lanes = 1;
};

/// Share of the traffic between two nodes that each direction of each link carries, when it is spread evenly over all
/// shortest paths.
struct LinkShare {
  int link = 0;
  bool forward = true;  ///< from its first end to its second
  double share = 0;
};
struct Route {
  Seconds latency;  ///< of the shortest path
  int hops = 0;     ///< links on one shortest path
  std::vector<LinkShare> shares;
};

/// How a file describes its graph; only `graph` names nodes one by one.
enum class TopologyShape : std::uint8_t { switched, full_mesh, mesh, torus, dragonfly, fat_tree, graph };
inline constexpr std::array<std::string_view, 7> topology_shape_names = {"switched",  "full_mesh", "mesh", "torus",
                                                                         "dragonfly", "fat_tree",  "graph"};
constexpr std::string_view name(TopologyShape shape) { return topology_shape_names[static_cast<std::size_t>(shape)]; }

/// A graph that is whole: every node reaches every other one, and every link carries something.
class Topology {
 public:
  /// Reads a topology file (docs/models/topology.md). Faults go to the reader; after a fault the graph may be empty.
  static Topology read(Reader& reader, std::string id);
  /// The same keys without `id` and `name`, as part of another object.
  static Topology read_inline(Reader& reader, std::string id);

  std::string id;
  std::string name;
  TopologyShape shape = TopologyShape::graph;
  std::vector<int> extent;  ///< of a mesh or torus, chips in each dimension
  std::vector<LinkKind> link_kinds;
  std::vector<TopologyNode> nodes;
  std::vector<TopologyLink> links;
  std::vector<Provenance> provenance;
  double achieved = 1;     ///< share of the links' rate that large collectives were seen to reach
  bool multicast = false;  ///< switches replicate and reduce
  int domains = 1;         ///< equal copies joined by `scale_out`, one after another in the order of ranks

  /// Chips in the order of their ranks.
  [[nodiscard]] std::vector<int> chips() const;
  [[nodiscard]] BytesPerSecond rate(const TopologyLink& link, bool forward) const;
  /// What a chip can send at once over all its links, in one direction; the least of all chips.
  [[nodiscard]] BytesPerSecond injection() const;
  /// What one chip's network card carries in one direction; zero where there is none.
  [[nodiscard]] BytesPerSecond card_rate() const;
  [[nodiscard]] Joules energy(const Route& route, Bytes payload) const;

  /// Nodes that cannot be reached from the first one, links without a rate, and links of a node to itself, as
  /// sentences.
  [[nodiscard]] std::vector<std::string> problems() const;
};

/// Answers about one topology that need a walk over its graph. Keeps no reference to results of earlier calls.
class TopologyGraph {
 public:
  explicit TopologyGraph(const Topology& topology);
  ~TopologyGraph();
  TopologyGraph(TopologyGraph&&) noexcept;

  /// Shortest by latency, then by hops; ties are shared evenly path by path, as routers that hash flows do (ECMP).
  [[nodiscard]] Route route(int from, int to) const;

  /// Most that the first half of the chips, in the order of their ranks, can send to the other half: the max-flow from
  /// all of the one to all of the other (Ford and Fulkerson, Maximal flow through a network, 1956).
  [[nodiscard]] BytesPerSecond bisection() const;

  /// What each of the first `ranks` chips sends in all, where each sends as much to every other one over the shared
  /// shortest paths, until the fullest link is full.
  [[nodiscard]] BytesPerSecond all_to_all(int ranks) const;

  /// No routing can do better: the smaller of what a chip can send, and what the bisection lets through.
  [[nodiscard]] BytesPerSecond all_to_all_bound() const;

  /// What each of the first `ranks` chips sends to its two neighbours in a ring, both directions added. The ring
  /// follows the order of ranks, or is folded where that shortens its longest step.
  [[nodiscard]] BytesPerSecond ring(int ranks) const;

  /// Largest latency between two of the first `ranks` chips, and that between neighbours in the ring.
  [[nodiscard]] Seconds farthest(int ranks) const;
  [[nodiscard]] Seconds ring_step(int ranks) const;

 private:
  struct Impl;
  Impl* impl_;
};

}  // namespace memwall
