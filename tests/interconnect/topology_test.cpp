// Laws that hold for every graph, closed forms of the regular ones, and what is refused.
#include <algorithm>

#include "tests/catch.hpp"
#include "tests/interconnect/topology_files.hpp"

using namespace memwall;

namespace {

/// Pairs of chips spread over the whole graph, the last chip among them.
std::vector<std::pair<int, int>> pairs(const Topology& topology) {
  const std::vector<int> chips = topology.chips();
  std::vector<std::pair<int, int>> out;
  const std::size_t step = std::max<std::size_t>(1, chips.size() / 5);
  for (std::size_t i = 0; i < chips.size(); i += step) {
    const std::size_t j = (i * 7 + 1) % chips.size();
    if (i != j) out.emplace_back(chips[i], chips[j]);
  }
  if (chips.size() > 1) out.emplace_back(chips.front(), chips.back());
  return out;
}

}  // namespace

TEST_CASE("every topology of the catalogue is whole and every number of it has a source") {
  const auto ids = test::topology_ids();
  REQUIRE(ids.size() >= 23);
  for (const std::string& id : ids) {
    INFO(id);
    const Topology topology = test::topology(id);
    CHECK(topology.problems().empty());
    CHECK(topology.injection().value > 0);
    CHECK(topology.achieved > 0);
    CHECK_FALSE(topology.provenance.empty());
    for (const Provenance& number : topology.provenance) {
      INFO(number.name);
      CHECK_FALSE(number.source.empty());
      if (number.basis == Basis::placeholder) CHECK(number.range.has_value());
    }
  }
}

TEST_CASE("routes are as long back as there, and carry as much in as out of every node") {
  for (const std::string& id : test::topology_ids()) {
    const Topology topology = test::topology(id);
    const TopologyGraph graph(topology);
    for (const auto& [from, to] : pairs(topology)) {
      INFO(id << " from " << topology.nodes[static_cast<std::size_t>(from)].name << " to "
              << topology.nodes[static_cast<std::size_t>(to)].name);
      const Route there = graph.route(from, to);
      const Route back = graph.route(to, from);
      CHECK(there.latency == back.latency);
      CHECK(there.hops == back.hops);
      CHECK(there.hops >= 1);
      std::vector<double> balance(topology.nodes.size(), 0);
      for (const LinkShare& part : there.shares) {
        const TopologyLink& link = topology.links[static_cast<std::size_t>(part.link)];
        balance[static_cast<std::size_t>(part.forward ? link.from : link.to)] -= part.share;
        balance[static_cast<std::size_t>(part.forward ? link.to : link.from)] += part.share;
      }
      balance[static_cast<std::size_t>(from)] += 1;
      balance[static_cast<std::size_t>(to)] -= 1;
      for (const double rest : balance) CHECK(std::abs(rest) < 1e-12);
    }
  }
}

TEST_CASE("no all-to-all beats its bound, and no ring what a chip can send") {
  for (const std::string& id : test::topology_ids()) {
    INFO(id);
    const Topology topology = test::topology(id);
    const int chips = static_cast<int>(topology.chips().size());
    const TopologyGraph graph(topology);
    const double injection = topology.injection().value;
    // Chips with network cards of their own have two ways out.
    const double cards = topology.link_kinds.size() > 1 && topology.shape == TopologyShape::switched ? 2 : 1;
    if (chips <= 256) CHECK(graph.all_to_all(chips).value <= graph.all_to_all_bound().value * cards * (1 + 1e-9));
    CHECK(graph.all_to_all_bound().value <= injection);
    CHECK(graph.ring(std::min(chips, 8)).value <= injection * cards * (1 + 1e-9));
    CHECK(graph.ring_step(std::min(chips, 8)) <= graph.farthest(std::min(chips, 8)));
  }
}

TEST_CASE("the bisection of a torus is two cuts through its longest dimension, of a mesh one") {
  for (const auto& [extent, cuts] : std::vector<std::pair<std::string, double>>{
           {"[8]", 1}, {"[4, 4]", 4}, {"[8, 4]", 4}, {"[4, 4, 4]", 16}, {"[6, 4, 4]", 16}}) {
    INFO(extent);
    const std::string keys = R"("extent": )" + extent + R"(, "link": )" + test::link("10 GB/s");
    const Topology torus = test::made(R"("kind": "torus", )" + keys);
    const Topology mesh = test::made(R"("kind": "mesh", )" + keys);
    CHECK(TopologyGraph(torus).bisection().value == Approx(2 * cuts * 10e9));
    CHECK(TopologyGraph(mesh).bisection().value == Approx(cuts * 10e9));
  }
}

TEST_CASE("the links of a torus share an all-to-all as in closed form") {
  // In a ring of k with even k a pair is k / 4 hops apart on average over all k ends, each link has two directions,
  // and every chip of n sends to n - 1: of what a chip sends, a link of its dimension carries k / 8 in each direction.
  const Topology torus = test::made(R"("kind": "torus", "extent": [4, 4, 4], "link": )" + test::link("10 GB/s"));
  CHECK(TopologyGraph(torus).all_to_all(64).value == Approx(63.0 / 64 * 10e9 * 8 / 4));
}

TEST_CASE("the bisection of a dragonfly is the links between its groups") {
  const Topology fly = test::made(R"("kind": "dragonfly", "groups": 4, "chips_per_group": 6, "global_links_per_chip": 2,
    "local": )" + test::link("10 GB/s") +
                                  R"(, "global": )" + test::link("5 GB/s"));
  // 6 x 2 links leave a group, four to each of three others; two groups face two.
  CHECK(fly.links.size() == 4 * 15 + 6 * 4);
  CHECK(TopologyGraph(fly).bisection().value == Approx(2 * 2 * 4 * 5e9));
  std::vector<int> global(24, 0);
  for (const TopologyLink& link : fly.links) {
    if (link.kind != 1) continue;
    ++global[static_cast<std::size_t>(link.from)];
    ++global[static_cast<std::size_t>(link.to)];
  }
  for (const int links : global) CHECK(links == 2);
}

TEST_CASE("switches and full meshes let half of their chips through at full rate") {
  const Topology nvl576 = test::topology("nvl576");
  CHECK(TopologyGraph(nvl576).bisection().value == Approx(288 * nvl576.injection().value));
  const Topology mesh = test::topology("mi300x_mesh");
  CHECK(TopologyGraph(mesh).bisection().value == Approx(16 * 64e9));
  // A pair of a full mesh has one link, four chips have three each.
  CHECK(TopologyGraph(mesh).all_to_all(2).value == Approx(64e9));
  CHECK(TopologyGraph(mesh).all_to_all(4).value == Approx(192e9));
  CHECK(TopologyGraph(mesh).ring(8).value == Approx(128e9));
}

TEST_CASE("equal paths share a route, shorter ones win, and energy follows the links") {
  const Topology square =
      test::made(R"("kind": "torus", "extent": [4, 4], "link": )" +
                 test::link("10 GB/s", R"(, "energy": {"value": "1 pJ/bit", "basis": "estimate", "source": "x"})"));
  const TopologyGraph graph(square);
  const auto at = [&](const std::string& name) {
    for (std::size_t i = 0; i < square.nodes.size(); ++i) {
      if (square.nodes[i].name == name) return static_cast<int>(i);
    }
    return -1;
  };
  const Route diagonal = graph.route(at("chip 0,0"), at("chip 1,1"));
  CHECK(diagonal.hops == 2);
  CHECK(diagonal.latency.value == Approx(2e-6));
  REQUIRE(diagonal.shares.size() == 4);
  for (const LinkShare& part : diagonal.shares) CHECK(part.share == 0.5);
  CHECK(square.energy(diagonal, Bytes{1}).value == Approx(2 * 8e-12));
  CHECK(graph.route(3, 3).shares.empty());
}

TEST_CASE("chips are numbered along a ring where the shape has one") {
  for (const std::string id : {"tpu_v5e_4x4", "tpu_v7_4x4x4", "tpu_v5p_8x8x8"}) {
    INFO(id);
    const Topology torus = test::topology(id);
    const int chips = static_cast<int>(torus.chips().size());
    CHECK(TopologyGraph(torus).ring_step(chips).value == Approx(1e-6));
    CHECK(TopologyGraph(torus).ring(chips).value == Approx(2 * torus.link_kinds[0].bandwidth.value.value));
  }
}

TEST_CASE("on a line a ring is folded, so that no step is longer than two hops") {
  const Topology line = test::made(R"("kind": "mesh", "extent": [9], "link": )" + test::link("10 GB/s"));
  const TopologyGraph graph(line);
  for (const int ranks : {3, 4, 8, 9}) {
    INFO(ranks);
    CHECK(graph.ring_step(ranks).value == Approx(2e-6));
    // Both directions of the ring cross every inner link once out and once back: half of a link for each neighbour.
    CHECK(graph.ring(ranks).value == Approx(10e9));
  }
}

TEST_CASE("copies joined by network cards reach each other through them") {
  const Topology nodes = test::topology("hgx_h100_4_ib");
  CHECK(nodes.chips().size() == 32);
  const TopologyGraph graph(nodes);
  // Card, leaf, card: the chips of one rail meet in its leaf.
  CHECK(graph.route(nodes.chips()[0], nodes.chips()[8]).hops == 4);
  CHECK(graph.route(nodes.chips()[0], nodes.chips()[1]).hops == 2);
  CHECK(graph.bisection().value == Approx(16 * 50e9));
}

TEST_CASE("a topology that cannot be is refused with the reason") {
  const auto refused = [](const std::string& keys) { return test::refused([&] { (void)test::made(keys); }); };
  using Messages = std::vector<std::string>;
  CHECK(refused(R"("kind": "switched", "chips": 8, "switches": 1, "link": )" + test::link("0 GB/s")) ==
        Messages{"/link/bandwidth: is zero; a link that carries nothing is no link, leave it out"});
  CHECK(refused(R"("kind": "switched", "chips": 8, "switches": 1, "link": )" +
                test::link("1 GB/s", R"(, "length": {"value": "-2 m", "basis": "estimate", "source": "x"})")) ==
        Messages{"/link/length/value: \"-2 m\" is negative; write a value of at least 0"});
  CHECK(refused(R"("kind": "dragonfly", "groups": 4, "chips_per_group": 4, "global_links_per_chip": 1, "local": )" +
                test::link("1 GB/s") + R"(, "global": )" + test::link("1 GB/s")) ==
        Messages{"/global_links_per_chip: 4 links leave a group, which 3 other groups cannot share evenly; make it a "
                 "multiple"});
  CHECK(refused(R"("kind": "graph", "link_kinds": {"wire": )" + test::link("1 GB/s") +
                R"(}, "nodes": [{"name": "a"}, {"name": "b"}, {"name": "c"}, {"name": "d"}],
                "links": [{"from": "a", "to": "b", "kind": "wire"}, {"from": "c", "to": "d", "kind": "wire"}])") ==
        Messages{
            "falls apart: 2 of 4 nodes, \"c\" among them, cannot be reached from \"a\"; add the links that join them"});
  CHECK(
      refused(R"("kind": "graph", "link_kinds": {"wire": )" + test::link("1 GB/s") +
              R"(}, "nodes": [{"name": "a"}, {"name": "b"}], "links": [{"from": "a", "to": "bb", "kind": "wire"},
                {"from": "a", "to": "b", "kind": "wire"}, {"from": "b", "to": "b", "kind": "wire"}])") ==
      Messages{"the link from \"b\" to \"b\" joins a node with itself", "/links/0/to: \"bb\" is unknown; known: a, b"});
  CHECK(refused(R"("kind": "torus", "extent": [200, 200], "link": )" + test::link("1 GB/s")) ==
        Messages{"/extent: makes 40000 nodes; at most 20000 are supported"});
  CHECK(refused(R"("kind": "torus", "extent": [2.5], "link": )" + test::link("1 GB/s")) ==
        Messages{"/extent: holds a number that is no whole number from 1 to 20000"});
}
