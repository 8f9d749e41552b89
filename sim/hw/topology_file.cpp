// The file of a topology: its kind, a few numbers, and the links.
#include <map>
#include <utility>

#include "sim/base/suggest.hpp"
#include "sim/hw/topology.hpp"
#include "sim/hw/topology_shapes.hpp"

namespace memwall {
namespace {

/// Enough for a pod of any kind that is sold; beyond it a mistyped number would only eat memory.
constexpr std::int64_t most_nodes = 20000;
constexpr std::int64_t most_lanes = 1024;

class FileReader {
 public:
  FileReader(Reader& reader, Topology& topology) : r_(reader), topology_(topology), build_(topology) {}

  void read() {
    const std::vector<Variant> kinds = {
        {"switched", "chips that all meet in the same switches", [this](Reader&) { switched(); }},
        {"full_mesh", "chips that are all joined pair by pair", [this](Reader&) { full_mesh(); }},
        {"mesh", "a grid of chips in one or more dimensions", [this](Reader&) { grid(false); }},
        {"torus", "the same with its ends joined", [this](Reader&) { grid(true); }},
        {"dragonfly", "groups of chips that are all joined, with links between every two groups",
         [this](Reader&) { dragonfly(); }},
        {"fat_tree", "switches in levels", [this](Reader&) { fat_tree(); }},
        {"graph", "every node and link by name", [this](Reader&) { graph(); }}};
    topology_.shape = static_cast<TopologyShape>(r_.variant("kind", kinds, std::nullopt, "how the graph is described"));
    topology_.multicast = r_.boolean("multicast", false, "whether switches replicate and reduce");
    if (r_.has("achieved")) {
      const auto achieved = r_.sourced_number("achieved", "share of the links' rate that large collectives reach");
      if (!(achieved.value > 0 && achieved.value <= 1)) r_.fault("achieved", "must be above 0 and at most 1");
      topology_.achieved = achieved.value;
    }
    if (r_.has("scale_out")) {
      r_.object("scale_out", false, "network cards, leaves and spines that join several copies of the above",
                [this](Reader& s) { scale_out(s); });
    }
    if (topology_.nodes.empty()) return;  // told already
    for (const std::string& problem : topology_.problems()) r_.fault("", problem);
  }

 private:
  int count(Reader& r, std::string_view key, std::string_view doc, std::int64_t low = 1,
            std::optional<std::int64_t> fallback = {}) {
    return static_cast<int>(r.integer(key, {.fallback = fallback, .low = low, .high = most_nodes}, doc));
  }
  int lanes(Reader& r) {
    return static_cast<int>(
        r.integer("lanes", {.fallback = 1, .low = 1, .high = most_lanes}, "equal links side by side"));
  }

  int link(Reader& r, std::string_view key, std::string_view doc, Tier tier) {
    LinkKind kind;
    r.object(key, true, doc, [&](Reader& l) { kind = read_link(l, std::string(key), tier); });
    topology_.link_kinds.push_back(std::move(kind));
    return static_cast<int>(topology_.link_kinds.size()) - 1;
  }

  static LinkKind read_link(Reader& l, std::string name, Tier tier) {
    LinkKind kind;
    kind.name = l.text("name", std::move(name), "as people name the link");
    kind.bandwidth = l.sourced<BytesPerSecond>("bandwidth", "of one link in one direction");
    if (!(kind.bandwidth.value.value > 0))
      l.fault("bandwidth", "is zero; a link that carries nothing is no link, leave it out");
    kind.back = l.optional_quantity<BytesPerSecond>("bandwidth_back", "of the other direction, where it differs")
                    .value_or(kind.bandwidth.value);
    kind.latency = l.sourced<Seconds>("latency", "from end to end, with the switch or chip behind the link");
    kind.per_message = l.quantity<Seconds>("per_message", "0 s", "of each message, beside latency and bytes");
    if (l.has("energy"))
      kind.energy = l.sourced<Quantity<Dimension{.data = -1, .energy = 1}>>("energy", "of moving data");
    std::vector<Choice> media;
    for (const std::string_view medium : medium_names) media.push_back({medium, "what the link runs over"});
    kind.medium = static_cast<Medium>(l.choice("medium", media, std::nullopt, "what the link runs over"));
    if (l.has("length")) kind.length = l.sourced<Metres>("length", "from connector to connector").value;
    const std::vector<Choice> tiers = {{"scale_up", "inside a domain of chips"},
                                       {"package", "die to die"},
                                       {"scale_out", "between domains"},
                                       {"host_link", "to a host or a network card"}};
    constexpr std::array<Tier, 4> of_choice = {Tier::scale_up, Tier::package, Tier::scale_out, Tier::host_link};
    std::size_t fallback = 0;
    while (of_choice[fallback] != tier) ++fallback;
    kind.tier = of_choice[l.choice("tier", tiers, fallback, "which tier its time belongs to")];
    return kind;
  }

  bool fits(std::int64_t nodes, std::string_view key) {
    if (nodes >= 1 && nodes <= most_nodes) return true;
    r_.fault(key,
             "makes " + std::to_string(nodes) + " nodes; at most " + std::to_string(most_nodes) + " are supported");
    return false;
  }

  void switched() {
    TopologyBuilder::Level level;
    level.size = count(r_, "chips", "that meet in the switches");
    level.switches = count(r_, "switches", "each chip has a link to each of them");
    level.lanes = lanes(r_);
    level.kind = link(r_, "link", "from a chip to a switch", Tier::scale_up);
    if (fits(std::int64_t{level.size} + level.switches, "chips")) build_.fat_tree({level});
  }

  void full_mesh() {
    const int chips = count(r_, "chips", "that are all joined");
    const int side = lanes(r_);
    const int kind = link(r_, "link", "between two chips", Tier::scale_up);
    constexpr int most = 256;
    if (chips > most) {
      r_.fault("chips", "is " + std::to_string(chips) + "; a full mesh of more than 256 chips has no builder");
      return;
    }
    build_.full_mesh(chips, kind, side);
  }

  void grid(bool wrap) {
    const std::vector<double> sizes = r_.numbers("extent", true, "chips in each dimension, for example [4, 4, 4]");
    const int side = lanes(r_);
    const int kind = link(r_, "link", "between two neighbours", Tier::scale_up);
    std::vector<int> extent;
    std::int64_t chips = 1;
    for (const double size : sizes) {
      const bool sane = size >= 1 && size <= static_cast<double>(most_nodes);
      if (!sane || size != static_cast<double>(static_cast<int>(size))) {
        r_.fault("extent", "holds a number that is no whole number from 1 to 20000");
        return;
      }
      extent.push_back(static_cast<int>(size));
      chips = std::min<std::int64_t>(chips * extent.back(), std::int64_t{1} << 40);
    }
    if (extent.empty()) {
      if (r_.has("extent")) r_.fault("extent", "is empty; a grid has at least one dimension");
      return;
    }
    if (!fits(chips, "extent")) return;
    topology_.extent = extent;
    build_.grid(extent, kind, side, wrap);
  }

  void dragonfly() {
    TopologyBuilder::Dragonfly shape;
    shape.groups = count(r_, "groups", "whose chips are all joined");
    shape.chips = count(r_, "chips_per_group", "of each group");
    shape.global = count(r_, "global_links_per_chip", "to other groups", 0);
    shape.local_lanes = lanes(r_);
    shape.local_kind = link(r_, "local", "between two chips of a group", Tier::scale_up);
    shape.global_kind = link(r_, "global", "between two groups", Tier::scale_up);
    const std::int64_t out = std::int64_t{shape.chips} * shape.global;
    if (shape.groups > 1 && (out == 0 || out % (shape.groups - 1) != 0)) {
      r_.fault("global_links_per_chip", std::to_string(out) + " links leave a group, which " +
                                            std::to_string(shape.groups - 1) +
                                            " other groups cannot share evenly; make it a multiple");
      return;
    }
    if (fits(std::int64_t{shape.groups} * shape.chips, "groups")) build_.dragonfly(shape);
  }

  void fat_tree() {
    std::vector<TopologyBuilder::Level> levels;
    std::int64_t chips = 1;
    std::int64_t switches = 1;
    r_.list("levels", true, "of switches, the one that chips are joined to first", [&](Reader& l) {
      TopologyBuilder::Level level;
      level.size = count(l, "size", levels.empty() ? "chips of a group" : "groups of the level below that it joins");
      level.switches = count(l, "switches", levels.empty() ? "of a group" : "over each switch of the level below");
      level.lanes = lanes(l);
      LinkKind kind;
      l.object("link", true, "down from a switch of this level",
               [&](Reader& one) { kind = read_link(one, "level " + std::to_string(levels.size()), Tier::scale_up); });
      topology_.link_kinds.push_back(std::move(kind));
      level.kind = static_cast<int>(topology_.link_kinds.size()) - 1;
      chips = std::min<std::int64_t>(chips * level.size, std::int64_t{1} << 40);
      switches = std::min<std::int64_t>(switches * level.switches, std::int64_t{1} << 40);
      levels.push_back(level);
    });
    if (!levels.empty() && fits(chips + switches, "levels")) build_.fat_tree(levels);
  }

  void graph() {
    std::map<std::string, int> kinds;
    r_.map("link_kinds", true, "sorts of links by a name of your own", [&](const std::string& name, Reader& l) {
      kinds[name] = static_cast<int>(topology_.link_kinds.size());
      topology_.link_kinds.push_back(read_link(l, name, Tier::scale_up));
    });
    std::map<std::string, int> nodes;
    r_.list("nodes", true, "chips in the order of their ranks, and what joins them", [&](Reader& n) {
      std::vector<Choice> choices;
      for (const std::string_view kind : node_kind_names) choices.push_back({kind, "what stands there"});
      const std::string name = n.text("name", std::nullopt, "by which links name it");
      const auto kind = static_cast<NodeKind>(n.choice("kind", choices, 0, "what stands there"));
      if (nodes.contains(name)) n.fault("name", "\"" + name + "\" is there already; give each node its own name");
      nodes[name] = build_.add(kind, name);
    });
    r_.list("links", true, "between two nodes", [&](Reader& l) {
      const int from = known(l, "from", "its first end", nodes);
      const int to = known(l, "to", "its second end", nodes);
      const int kind = known(l, "kind", "one of `link_kinds`", kinds);
      const int side = lanes(l);
      if (from >= 0 && to >= 0 && kind >= 0) build_.join(from, to, kind, side);
    });
  }

  static int known(Reader& r, std::string_view key, std::string_view doc, const std::map<std::string, int>& among) {
    const std::string name = r.text(key, std::nullopt, doc);
    const auto found = among.find(name);
    if (found != among.end()) return found->second;
    std::vector<std::string> names;
    for (const auto& [other, place] : among) names.push_back(other);
    if (!name.empty()) r.fault(key, "\"" + name + "\" is unknown; " + suggestion(name, names));
    return -1;
  }

  void scale_out(Reader& s) {
    TopologyBuilder::ScaleOut shape;
    shape.domains = count(s, "domains", "copies that are joined");
    shape.rails = count(s, "rails", "leaf switches; the network cards of one position in their domain share one");
    shape.spines = count(s, "spines", "switches that join the leaves; 0: rails do not meet", 0, 0);
    shape.nic_kind = link(s, "nic", "from a chip to its network card", Tier::host_link);
    shape.leaf_kind = link(s, "leaf", "from a network card to its leaf switch", Tier::scale_out);
    if (shape.spines > 0) {
      shape.spine_lanes = static_cast<int>(s.integer("spine_lanes", {.fallback = 1, .low = 1, .high = most_lanes},
                                                     "links from each leaf to each spine"));
      shape.spine_kind = link(s, "spine", "from a leaf to a spine switch", Tier::scale_out);
    }
    const auto nodes = static_cast<std::int64_t>(topology_.nodes.size());
    if (nodes == 0) return;
    if (nodes * shape.domains * 2 > most_nodes) {
      s.fault("domains", "makes more than " + std::to_string(most_nodes) + " nodes, which are not supported");
      return;
    }
    build_.scale_out(shape);
  }

  Reader& r_;
  Topology& topology_;
  TopologyBuilder build_;
};

}  // namespace

Topology Topology::read(Reader& reader, std::string id) {
  const std::string written = reader.text("id", id, "as scenarios name the topology");
  if (written != id) reader.fault("id", "is \"" + written + "\" in a file that is read as \"" + id + "\"");
  std::string name = reader.text("name", id, "as people name it");
  Topology out = read_inline(reader, std::move(id));
  out.name = std::move(name);
  return out;
}

Topology Topology::read_inline(Reader& reader, std::string id) {
  Topology out;
  out.id = out.name = std::move(id);
  FileReader(reader, out).read();
  out.provenance = reader.provenance();
  return out;
}

}  // namespace memwall
