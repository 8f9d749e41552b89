// Max-min fair rates against networks solved by hand, conservation, and how much a change touches.
#include "sim/des/flow_network.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "sim/base/random.hpp"
#include "tests/catch.hpp"

using namespace memwall;

namespace {

FlowNetwork network(const std::vector<double>& gigabytes) {
  std::vector<BytesPerSecond> capacities;
  for (const double rate : gigabytes) capacities.push_back(BytesPerSecond{rate * 1e9});
  return FlowNetwork(std::move(capacities));
}

Time at(double seconds) { return Time{static_cast<std::int64_t>(seconds * 1e12)}; }

std::uint64_t roll(std::uint64_t place, std::uint64_t below) { return random_bits({.request = place}) % below; }

}  // namespace

TEST_CASE("flows share a link, and what one cannot use goes to the others") {
  // The three flows and two links of the textbook: one crosses both, one each of them.
  FlowNetwork net = network({1, 2});
  const auto both = net.start(at(0), Bytes{1e9}, {{0}, {1}});
  const auto first = net.start(at(0), Bytes{1e9}, {{0}});
  const auto second = net.start(at(0), Bytes{1e9}, {{1}});
  CHECK(net.rate(both).value == Approx(0.5e9));
  CHECK(net.rate(first).value == Approx(0.5e9));
  CHECK(net.rate(second).value == Approx(1.5e9));
  // The second ends after 1 / 1.5 s and frees nothing that the others could use.
  CHECK(net.next_end().seconds() == Approx(1 / 1.5));
  CHECK(net.advance(at(1)) == std::vector<FlowNetwork::Flow>{second});
  CHECK(net.rate(both).value == Approx(0.5e9));
  CHECK(net.advance(at(2.001)) == std::vector<FlowNetwork::Flow>{both, first});
  CHECK(net.next_end() == Time::never());
}

TEST_CASE("a line of links: short flows fill what the long one leaves") {
  // Capacities 10, 4 and 6; a flow over all three, two over the second, one over each end: 4/3 on the second, then
  // 10 - 4/3 and 6 - 4/3.
  FlowNetwork net = network({10, 4, 6});
  const auto all = net.start(at(0), Bytes{1e9}, {{0}, {1}, {2}});
  const auto a = net.start(at(0), Bytes{1e9}, {{1}});
  const auto b = net.start(at(0), Bytes{1e9}, {{1}});
  const auto c = net.start(at(0), Bytes{1e9}, {{0}});
  const auto d = net.start(at(0), Bytes{1e9}, {{2}});
  for (const auto flow : {all, a, b}) CHECK(net.rate(flow).value == Approx(4e9 / 3));
  CHECK(net.rate(c).value == Approx(10e9 - 4e9 / 3));
  CHECK(net.rate(d).value == Approx(6e9 - 4e9 / 3));
}

TEST_CASE("a split route loads each path with its share, and a limit of its own binds a flow") {
  FlowNetwork net = network({1, 1, 10});
  const auto split = net.start(at(0), Bytes{1e9}, {{0, 0.5}, {1, 0.5}, {2, 1}});
  CHECK(net.rate(split).value == Approx(2e9));
  const auto rival = net.start(at(0), Bytes{1e9}, {{0}});
  // Level r on the first link: r / 2 + r = 1.
  CHECK(net.rate(split).value == Approx(2e9 / 3));
  CHECK(net.rate(rival).value == Approx(2e9 / 3));
  const auto slow = net.start(at(0), Bytes{1e9}, {{1}}, BytesPerSecond{0.1e9});
  CHECK(net.rate(slow).value == Approx(0.1e9));
  CHECK(net.rate(split).value == Approx(2e9 / 3));
}

TEST_CASE("a late flow slows one that runs, and both take as long as their bytes need") {
  FlowNetwork net = network({1});
  const auto early = net.start(at(0), Bytes{1e9}, {{0}});
  CHECK(net.next_end().seconds() == Approx(1));
  CHECK(net.advance(at(0.5)).empty());
  const auto late = net.start(at(0.5), Bytes{1e9}, {{0}});
  // Half is left at half the rate: until 1.5 s; then the other half of the late one alone: 2 s.
  CHECK(net.next_end().seconds() == Approx(1.5));
  CHECK(net.moved(early, at(1)).value == Approx(0.75e9));
  CHECK(net.advance(at(1.6)) == std::vector<FlowNetwork::Flow>{early});
  CHECK(net.next_end().seconds() == Approx(2));
  CHECK(net.advance(at(2.1)) == std::vector<FlowNetwork::Flow>{late});
  CHECK(net.carried(0, at(3)).value == Approx(2e9));
}

TEST_CASE("a stopped flow leaves its link, and one without bytes or links ends at once") {
  FlowNetwork net = network({1});
  const auto one = net.start(at(0), Bytes{1e9}, {{0}});
  const auto two = net.start(at(0), Bytes{1e9}, {{0}});
  net.stop(at(0.5), one);
  CHECK_FALSE(net.running(one));
  CHECK(net.moved(one, at(1)).value == Approx(0.25e9));
  CHECK(net.rate(two).value == Approx(1e9));
  const auto empty = net.start(at(0.5), Bytes{0}, {{0}});
  CHECK(net.advance(at(0.5)) == std::vector<FlowNetwork::Flow>{empty});
  const auto nowhere = net.start(at(0.5), Bytes{5}, {});
  CHECK(net.advance(at(0.5)) == std::vector<FlowNetwork::Flow>{nowhere});
  CHECK_THROWS_AS(net.start(at(0.4), Bytes{1}, {{0}}), LogicError);
  CHECK_THROWS_AS(net.start(at(1), Bytes{1}, {{7}}), LogicError);
  CHECK_THROWS_AS(network({0}), LogicError);
}

TEST_CASE("a change touches only flows that are connected with it") {
  FlowNetwork net = network(std::vector<double>(100, 1));
  for (int link = 0; link < 100; ++link) net.start(at(0), Bytes{1e12}, {{link}});
  (void)net.next_end();
  const std::uint64_t before = net.touched();
  net.start(at(1), Bytes{1e12}, {{42}});
  (void)net.next_end();
  CHECK(net.touched() - before == 2);
}

TEST_CASE("random networks: no link above its capacity, every flow held by a full link, bytes in are bytes out") {
  for (std::uint64_t round = 0; round < 30; ++round) {
    const std::uint64_t base = round * 100000;
    const auto links = static_cast<int>(3 + roll(base, 20));
    std::vector<double> capacities;
    for (int i = 0; i < links; ++i)
      capacities.push_back(1 + static_cast<double>(roll(base + 100 + static_cast<std::uint64_t>(i), 100)));
    FlowNetwork net = network(capacities);
    std::vector<std::vector<FlowUse>> routes;
    std::vector<double> sizes;
    Time now = at(0);
    std::uint64_t place = base + 1000;
    for (int f = 0; f < 40; ++f) {
      std::vector<FlowUse> route;
      for (int i = 0; i < links; ++i) {
        if (roll(place++, 4) == 0) route.push_back({i, roll(place++, 2) == 0 ? 1.0 : 0.5});
      }
      if (route.empty()) route.push_back({0});
      sizes.push_back(1e9 * static_cast<double>(1 + roll(place++, 50)));
      routes.push_back(route);
      now = now + Duration{static_cast<std::int64_t>(roll(place++, 200'000'000'000))};
      (void)net.advance(now);
      net.start(now, Bytes{sizes.back()}, route);
      std::vector<double> full(static_cast<std::size_t>(links), 0);
      for (int i = 0; i < links; ++i) {
        const double capacity = capacities[static_cast<std::size_t>(i)] * 1e9;
        CHECK(net.load(i).value <= capacity * (1 + 1e-9));
        full[static_cast<std::size_t>(i)] = net.load(i).value >= capacity * (1 - 1e-9) ? 1 : 0;
      }
      for (FlowNetwork::Flow g = 0; g < routes.size(); ++g) {
        if (!net.running(g)) continue;
        // Max-min: some full link on which no other flow is faster holds it.
        bool held = false;
        for (const FlowUse& use : routes[g]) {
          if (full[static_cast<std::size_t>(use.link)] == 0) continue;
          bool fastest = true;
          for (FlowNetwork::Flow other = 0; other < routes.size(); ++other) {
            const bool there = net.running(other) && std::any_of(routes[other].begin(), routes[other].end(),
                                                                 [&](const FlowUse& u) { return u.link == use.link; });
            if (there && net.rate(other).value > net.rate(g).value * (1 + 1e-9)) fastest = false;
          }
          held = held || fastest;
        }
        CHECK(held);
      }
    }
    while (net.next_end() != Time::never()) (void)net.advance(net.next_end());
    for (int i = 0; i < links; ++i) {
      double sum = 0;
      for (std::size_t f = 0; f < routes.size(); ++f) {
        for (const FlowUse& use : routes[f]) sum += use.link == i ? sizes[f] * use.share : 0;
      }
      CHECK(net.carried(i, now).value == Approx(sum));
    }
  }
}

TEST_CASE("ten thousand flows over a thousand nodes take less than a second") {
  // A tree of two levels: 1,000 nodes under 40 switches, each with links of its own up and down, and 100 links between
  // the switches and the top. Flows go from node to node, most of them near by.
  constexpr int nodes = 1000;
  constexpr int each = 25;
  constexpr int switches = nodes / each;
  std::vector<double> capacities(2 * nodes, 50);
  capacities.resize(2 * nodes + 2 * switches, 400);
  FlowNetwork net = network(capacities);
  const auto start = std::chrono::steady_clock::now();
  Time now = at(0);
  std::size_t over = 0;
  double bytes = 0;
  for (std::uint64_t f = 0; f < 10000; ++f) {
    const int from = static_cast<int>(roll(5 * f, nodes));
    const bool near = roll(5 * f + 1, 4) != 0;
    int to =
        near ? from / each * each + static_cast<int>(roll(5 * f + 2, each)) : static_cast<int>(roll(5 * f + 2, nodes));
    if (to == from) to = (from + 1) % nodes;
    std::vector<FlowUse> route = {{from}, {nodes + to}};
    if (from / each != to / each) {
      route.push_back({2 * nodes + from / each});
      route.push_back({2 * nodes + switches + to / each});
    }
    now = now + Duration{static_cast<std::int64_t>(roll(5 * f + 3, 2'000'000))};
    over += net.advance(now).size();
    const double size = 1e6 * static_cast<double>(1 + roll(5 * f + 4, 20));
    bytes += size;
    net.start(now, Bytes{size}, std::move(route));
  }
  while (net.next_end() != Time::never()) over += net.advance(net.next_end()).size();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  CHECK(over == 10000);
  double carried = 0;
  for (int node = 0; node < nodes; ++node) carried += net.carried(node, now).value;
  CHECK(carried == Approx(bytes));
#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__)
  CHECK(seconds < 1);
#else
  CHECK(seconds < 60);
#endif
}
