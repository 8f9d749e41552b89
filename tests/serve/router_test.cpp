// Where routers send requests: by hand, and what must hold for every policy.
#include <set>

#include "sim/config/json_reader.hpp"
#include "sim/serve/router/load_policies.hpp"
#include "sim/serve/router/prefix_policies.hpp"
#include "tests/catch.hpp"

using namespace memwall;

namespace {

Request prompt(std::int64_t id, std::uint64_t stream, std::int64_t tokens, std::int64_t session = -1) {
  Request request;
  request.id = {id};
  request.input_tokens = tokens;
  request.output_tokens = request.max_tokens = 1;
  request.prompt = {{stream, 0, tokens}};
  request.session = session;
  return request;
}

std::int32_t send(Router& router, const Request& request) {
  const ReplicaId replica = router.pick(request);
  router.joined(replica, request);
  return replica.value;
}

}  // namespace

TEST_CASE("an index knows the longest prefix that went to a replica, and forgets the oldest") {
  PrefixIndex index(2, 16, 10);
  index.note(0, prompt(0, 1, 100), 100);
  CHECK(index.match(0, prompt(1, 1, 200)) == 6);
  CHECK(index.match(0, prompt(1, 1, 40)) == 2);
  CHECK(index.match(1, prompt(1, 1, 200)) == 0);
  CHECK(index.match(0, prompt(1, 2, 200)) == 0);
  // A second content of 8 blocks leaves room for two of the first one's six: the last ones go.
  index.note(0, prompt(2, 2, 128), 128);
  CHECK(index.match(0, prompt(3, 1, 200)) == 2);
  CHECK(index.match(0, prompt(3, 2, 200)) == 8);
}

TEST_CASE("an index sees where two contents part") {
  PrefixIndex index(1, 16, 1000);
  Request first = prompt(0, 1, 64);
  first.prompt.push_back({2, 0, 64});
  first.input_tokens = 128;
  index.note(0, first, 128);
  Request second = first;
  second.prompt[1].stream = 3;
  CHECK(index.match(0, first) == 8);
  CHECK(index.match(0, second) == 4);
}

TEST_CASE("a request without declared content matches nothing") {
  PrefixIndex index(1, 16, 1000);
  Request request = prompt(0, 1, 64);
  request.prompt.clear();
  index.note(0, request, 64);
  CHECK(index.match(0, request) == 0);
}

TEST_CASE("the less loaded of two is taken, with ties to the lower id") {
  PowerOfTwo router({2, 1, 16});
  CHECK(send(router, prompt(0, 1, 16)) == 0);
  CHECK(send(router, prompt(1, 1, 16)) == 1);
  CHECK(send(router, prompt(2, 1, 16)) == 0);
  router.left({1}, prompt(1, 1, 16));
  CHECK(send(router, prompt(3, 1, 16)) == 1);
}

TEST_CASE("two choices of many keep the loads close, and differ by seed") {
  const auto largest = [](std::uint64_t seed) {
    PowerOfTwo router({50, seed, 16});
    std::vector<int> load(50, 0);
    std::vector<std::int32_t> picks;
    for (std::int64_t i = 0; i < 5000; ++i) picks.push_back(send(router, prompt(i, 1, 16)));
    for (const std::int32_t pick : picks) ++load[static_cast<std::size_t>(pick)];
    return std::pair(*std::max_element(load.begin(), load.end()), picks);
  };
  // The mean is 100. The excess of the fullest is near log2 log2 50 + O(1) and not sqrt(100) times a few.
  CHECK(largest(1).first <= 105);
  CHECK(largest(1).second == largest(1).second);
  CHECK(largest(1).second != largest(2).second);
}

TEST_CASE("a session stays where it is, and another replica takes few of them") {
  const auto homes = [](std::int32_t replicas) {
    SessionHash router({replicas, 1, 16});
    std::vector<std::int32_t> out;
    for (std::int64_t session = 0; session < 1000; ++session) {
      const Request request = prompt(session, 1, 16, session);
      out.push_back(router.pick(request).value);
      CHECK(router.pick(request).value == out.back());
    }
    return out;
  };
  const auto four = homes(4);
  const auto five = homes(5);
  int moved = 0;
  for (std::size_t i = 0; i < four.size(); ++i) {
    if (four[i] == five[i]) continue;
    ++moved;
    CHECK(five[i] == 4);
  }
  CHECK(moved > 150);
  CHECK(moved < 250);
}

TEST_CASE("a long match decides while loads are balanced") {
  PrefixAwareKeys keys;
  keys.balance_abs = 2;
  PrefixAware router({3, 1, 16}, keys);
  CHECK(send(router, prompt(0, 1, 160)) == 0);
  CHECK(send(router, prompt(1, 2, 160)) == 1);
  CHECK(send(router, prompt(2, 1, 200)) == 0);
  CHECK(send(router, prompt(3, 1, 200)) == 0);
  // Replica 0 has three and replica 2 none: more than two apart, and more than any multiple of none.
  CHECK(send(router, prompt(4, 1, 200)) == 2);
  // A match below the threshold of 0.3 does not count.
  CHECK(send(router, prompt(5, 2, 1600)) == 1);
}

TEST_CASE("the cost weighs blocks to compute against blocks in use") {
  PrefixCost router({2, 1, 16}, {});
  CHECK(send(router, prompt(0, 1, 160)) == 0);
  // Replica 0: 10 to compute less 10 that match, 10 + 10 in use = 20. Replica 1: 10 + 10 = 20. A tie goes to 0.
  CHECK(send(router, prompt(1, 1, 160)) == 0);
  // Replica 0: 0 + 10 + 20 = 30; replica 1: 10 + 10 = 20.
  CHECK(send(router, prompt(2, 1, 160)) == 1);
}

TEST_CASE("the score weighs the match against the queue") {
  WeightedScore router({2, 1, 16}, {});
  CHECK(send(router, prompt(0, 1, 160)) == 0);
  // Replica 0 scores 2 x 1 + 0, replica 1 scores 0 + 1.
  CHECK(send(router, prompt(1, 1, 160)) == 0);
  // Another content: 0 + 0 against 0 + 1.
  CHECK(send(router, prompt(2, 2, 160)) == 1);
}

TEST_CASE("every policy picks a replica that is there, and the same one again from the same history") {
  for (const RouterKind& kind : router_kinds()) {
    INFO(kind.name);
    std::vector<std::int32_t> picks[2];
    for (auto& picked : picks) {
      RouterMaker maker;
      Document document = Document::parse("{}", "keys.json");
      (void)document.read([&](Reader& reader) { maker = kind.read(reader); });
      const auto router = maker({7, 3, 16});
      std::vector<Request> under_way;
      for (std::int64_t i = 0; i < 300; ++i) {
        const auto draw = [i](std::uint64_t n, std::int64_t low, std::int64_t high) {
          return random_integer({n, 0, static_cast<std::uint64_t>(i), Purpose::test}, low, high);
        };
        const Request request =
            prompt(i, static_cast<std::uint64_t>(draw(1, 1, 20)), draw(2, 1, 2000), draw(3, -1, 30));
        picked.push_back(send(*router, request));
        under_way.push_back(request);
        if (draw(4, 0, 2) > 0) {
          router->left({picked[under_way.size() - 1]}, under_way.back());
        }
      }
    }
    CHECK(picks[0] == picks[1]);
    const std::set<std::int32_t> used(picks[0].begin(), picks[0].end());
    CHECK(*used.begin() >= 0);
    CHECK(*used.rbegin() < 7);
    CHECK(used.size() == 7);
  }
}
