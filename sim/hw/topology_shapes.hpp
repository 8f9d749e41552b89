// The regular graphs, each from a handful of numbers.
#pragma once

#include <string>
#include <vector>

#include "sim/hw/topology.hpp"

namespace memwall {

/// Appends nodes and links to a topology whose link kinds are known. Chips are numbered so that neighbours in the order
/// of ranks are neighbours in the graph where the shape allows it.
class TopologyBuilder {
 public:
  explicit TopologyBuilder(Topology& topology) : topology_(topology) {}

  int add(NodeKind kind, std::string name);
  void join(int from, int to, int kind, int lanes = 1);

  /// One level of a fat tree, bottom first.
  struct Level {
    int size = 1;      ///< chips of a group; above the bottom: groups below that this level joins
    int switches = 1;  ///< at the bottom: of a group, each joined to each of its chips; above: over each switch below
    int kind = 0;      ///< of the links down from these switches
    int lanes = 1;
  };
  /// Switches of one position in their group form a rail, and only switches of one rail meet above.
  void fat_tree(const std::vector<Level>& levels);
  void full_mesh(int chips, int kind, int lanes);
  /// A grid; with `wrap` the ends of each dimension of three or more are joined too. Chips are numbered to and fro, row
  /// after row.
  void grid(const std::vector<int>& extent, int kind, int lanes, bool wrap);
  /// Groups whose chips are all joined, and which share `global` links of each of their chips evenly among the other
  /// groups (Kim et al., Technology-driven, highly-scalable dragonfly topology, 2008, with the chip as its router).
  struct Dragonfly {
    int groups = 1;
    int chips = 1;   ///< of a group
    int global = 1;  ///< links of a chip to other groups
    int local_kind = 0;
    int local_lanes = 1;
    int global_kind = 0;
  };
  void dragonfly(const Dragonfly& shape);

  /// Copies of everything built so far, each of whose chips gets a network card; cards of one rail meet in a leaf
  /// switch and the leaves in the spines.
  struct ScaleOut {
    int domains = 1;
    int rails = 1;
    int spines = 0;
    int nic_kind = 0;    ///< chip to card
    int leaf_kind = 0;   ///< card to leaf
    int spine_kind = 0;  ///< leaf to spine
    int spine_lanes = 1;
  };
  void scale_out(const ScaleOut& shape);

 private:
  Topology& topology_;
};

}  // namespace memwall
