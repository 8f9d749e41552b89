#include "sim/hw/topology_shapes.hpp"

#include <utility>

#include "sim/base/error.hpp"

namespace memwall {

int TopologyBuilder::add(NodeKind kind, std::string name) {
  topology_.nodes.push_back({kind, std::move(name)});
  return static_cast<int>(topology_.nodes.size()) - 1;
}

void TopologyBuilder::join(int from, int to, int kind, int lanes) {
  topology_.links.push_back({from, to, kind, lanes});
}

void TopologyBuilder::fat_tree(const std::vector<Level>& levels) {
  int groups = 1;
  for (std::size_t i = 1; i < levels.size(); ++i) groups *= levels[i].size;
  // Switches at the top of each group built so far, one list for each rail.
  std::vector<std::vector<std::vector<int>>> tops(static_cast<std::size_t>(groups));
  int rank = 0;
  for (std::size_t g = 0; g < tops.size(); ++g) {
    std::vector<int> chips;
    for (int c = 0; c < levels[0].size; ++c) chips.push_back(add(NodeKind::chip, "chip " + std::to_string(rank++)));
    for (int s = 0; s < levels[0].switches; ++s) {
      const int fabric = add(NodeKind::fabric, "switch " + std::to_string(g) + "." + std::to_string(s));
      for (const int chip : chips) join(chip, fabric, levels[0].kind, levels[0].lanes);
      tops[g].push_back({fabric});
    }
  }
  for (std::size_t i = 1; i < levels.size(); ++i) {
    const Level& level = levels[i];
    std::vector<std::vector<std::vector<int>>> above(tops.size() / static_cast<std::size_t>(level.size));
    for (std::size_t g = 0; g < above.size(); ++g) {
      above[g].resize(tops[0].size());
      for (std::size_t rail = 0; rail < above[g].size(); ++rail) {
        for (int s = 0; s < level.switches; ++s) {
          const int spine = add(NodeKind::fabric, "spine " + std::to_string(i) + "." + std::to_string(g) + "." +
                                                      std::to_string(rail) + "." + std::to_string(s));
          above[g][rail].push_back(spine);
          for (int child = 0; child < level.size; ++child) {
            const auto below = g * static_cast<std::size_t>(level.size) + static_cast<std::size_t>(child);
            for (const int fabric : tops[below][rail]) join(fabric, spine, level.kind, level.lanes);
          }
        }
      }
    }
    tops = std::move(above);
  }
}

void TopologyBuilder::full_mesh(int chips, int kind, int lanes) {
  const int first = static_cast<int>(topology_.nodes.size());
  for (int c = 0; c < chips; ++c) add(NodeKind::chip, "chip " + std::to_string(c));
  for (int a = 0; a < chips; ++a) {
    for (int b = a + 1; b < chips; ++b) join(first + a, first + b, kind, lanes);
  }
}

void TopologyBuilder::grid(const std::vector<int>& extent, int kind, int lanes, bool wrap) {
  law(!extent.empty(), "a grid has a dimension");
  std::size_t count = 1;
  for (const int size : extent) count *= static_cast<std::size_t>(size);
  const std::size_t dimensions = extent.size();
  // The place of a chip in plain row order, the last dimension fastest, against its number in the order to and fro.
  std::vector<int> node(count);
  std::vector<int> at(dimensions, 0);
  std::vector<int> step(dimensions, 1);
  const auto place = [&](const std::vector<int>& where) {
    std::size_t sum = 0;
    for (std::size_t d = 0; d < dimensions; ++d) {
      sum = sum * static_cast<std::size_t>(extent[d]) + static_cast<std::size_t>(where[d]);
    }
    return sum;
  };
  for (std::size_t i = 0; i < count; ++i) {
    std::string name = "chip";
    for (const int x : at) name += (name == "chip" ? " " : ",") + std::to_string(x);
    node[place(at)] = add(NodeKind::chip, name);
    for (std::size_t d = dimensions; d-- > 0;) {
      const int next = at[d] + step[d];
      if (next >= 0 && next < extent[d]) {
        at[d] = next;
        break;
      }
      step[d] = -step[d];
    }
  }
  std::vector<int> here(dimensions, 0);
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t rest = i;
    for (std::size_t d = dimensions; d-- > 0;) {
      here[d] = static_cast<int>(rest % static_cast<std::size_t>(extent[d]));
      rest /= static_cast<std::size_t>(extent[d]);
    }
    for (std::size_t d = 0; d < dimensions; ++d) {
      std::vector<int> there = here;
      there[d] += 1;
      if (there[d] == extent[d]) {
        // Two chips in a dimension have one link between them, not two.
        if (!wrap || extent[d] < 3) continue;
        there[d] = 0;
      }
      join(node[i], node[place(there)], kind, lanes);
    }
  }
}

void TopologyBuilder::dragonfly(const Dragonfly& shape) {
  const int first = static_cast<int>(topology_.nodes.size());
  const auto chip = [&](int group, int c) { return first + group * shape.chips + c; };
  for (int g = 0; g < shape.groups; ++g) {
    for (int c = 0; c < shape.chips; ++c) add(NodeKind::chip, "chip " + std::to_string(g) + "." + std::to_string(c));
  }
  for (int g = 0; g < shape.groups; ++g) {
    for (int a = 0; a < shape.chips; ++a) {
      for (int b = a + 1; b < shape.chips; ++b) join(chip(g, a), chip(g, b), shape.local_kind, shape.local_lanes);
    }
  }
  if (shape.groups < 2) return;
  const int each = shape.chips * shape.global / (shape.groups - 1);
  for (int a = 0; a < shape.groups; ++a) {
    for (int b = a + 1; b < shape.groups; ++b) {
      // Group a sees group b as its (b - 1)-th other one, and b sees a as its a-th. Links are dealt out chip by chip,
      // so that each chip has as many.
      for (int k = 0; k < each; ++k) {
        join(chip(a, ((b - 1) * each + k) % shape.chips), chip(b, (a * each + k) % shape.chips), shape.global_kind);
      }
    }
  }
}

void TopologyBuilder::scale_out(const ScaleOut& shape) {
  topology_.domains = shape.domains;
  const std::vector<TopologyNode> nodes = topology_.nodes;
  const std::vector<TopologyLink> links = topology_.links;
  for (int d = 0; d < shape.domains; ++d) {
    const int base = static_cast<int>(nodes.size()) * d;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const std::string name = "domain " + std::to_string(d) + " " + nodes[i].name;
      if (d == 0) {
        topology_.nodes[i].name = name;
      } else {
        add(nodes[i].kind, name);
      }
    }
    for (const TopologyLink& link : links) {
      if (d > 0) join(link.from + base, link.to + base, link.kind, link.lanes);
    }
  }
  std::vector<int> leaves;
  for (int r = 0; r < shape.rails; ++r) leaves.push_back(add(NodeKind::fabric, "leaf " + std::to_string(r)));
  const std::vector<int> chips = topology_.chips();
  const std::size_t of_domain = chips.size() / static_cast<std::size_t>(shape.domains);
  for (std::size_t i = 0; i < chips.size(); ++i) {
    const int nic = add(NodeKind::nic, "nic " + std::to_string(i));
    join(chips[i], nic, shape.nic_kind);
    join(nic, leaves[i % of_domain % static_cast<std::size_t>(shape.rails)], shape.leaf_kind);
  }
  for (int s = 0; s < shape.spines; ++s) {
    const int spine = add(NodeKind::fabric, "spine " + std::to_string(s));
    for (const int leaf : leaves) join(leaf, spine, shape.spine_kind, shape.spine_lanes);
  }
}

}  // namespace memwall
