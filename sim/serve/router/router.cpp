#include "sim/serve/router/router.hpp"

#include "sim/serve/router/load_policies.hpp"
#include "sim/serve/router/prefix_policies.hpp"

namespace memwall {
namespace {

template <class Policy>
RouterMaker by_replicas(Reader&) {
  return [](const RouterSetup& setup) { return std::make_unique<Policy>(setup.replicas); };
}

template <class Policy>
RouterMaker by_setup(Reader&) {
  return [](const RouterSetup& setup) { return std::make_unique<Policy>(setup); };
}

std::int64_t read_index_blocks(Reader& r, std::int64_t fallback) {
  return r.integer("index_blocks", {.fallback = fallback, .low = 1},
                   "blocks of content that the router remembers for each replica, the longest unused forgotten first");
}

RouterMaker read_prefix_aware(Reader& r) {
  PrefixAwareKeys keys;
  keys.threshold = r.number("threshold", {.fallback = keys.threshold, .low = 0, .high = 1},
                            "share of a prompt's blocks that must match before the match decides");
  keys.balance_abs = r.integer("balance_abs", {.fallback = keys.balance_abs, .low = 0},
                               "loads are out of balance where they differ by more requests than this");
  keys.balance_rel = r.number("balance_rel", {.fallback = keys.balance_rel, .low = 1},
                              "and the largest is more than this many times the smallest");
  keys.index_blocks = read_index_blocks(r, keys.index_blocks);
  return [keys](const RouterSetup& setup) { return std::make_unique<PrefixAware>(setup, keys); };
}

RouterMaker read_prefix_cost(Reader& r) {
  PrefixCostKeys keys;
  keys.prefill_weight = r.number("prefill_weight", {.fallback = keys.prefill_weight, .low = 0},
                                 "cost of each block of the prompt that does not match");
  keys.decode_weight = r.number("decode_weight", {.fallback = keys.decode_weight, .low = 0},
                                "cost of each block of the replica's unfinished requests");
  keys.request_weight = r.number("request_weight", {.fallback = keys.request_weight, .low = 0},
                                 "cost of each of its unfinished requests");
  keys.index_blocks = read_index_blocks(r, keys.index_blocks);
  return [keys](const RouterSetup& setup) { return std::make_unique<PrefixCost>(setup, keys); };
}

RouterMaker read_weighted_score(Reader& r) {
  WeightedScoreKeys keys;
  keys.prefix_weight = r.number("prefix_weight", {.fallback = keys.prefix_weight, .low = 0},
                                "weight of the share of the prompt that matches");
  keys.queue_weight = r.number("queue_weight", {.fallback = keys.queue_weight, .low = 0},
                               "weight of being less loaded than the others");
  keys.index_blocks = read_index_blocks(r, keys.index_blocks);
  return [keys](const RouterSetup& setup) { return std::make_unique<WeightedScore>(setup, keys); };
}

}  // namespace

const std::vector<RouterKind>& router_kinds() {
  static const std::vector<RouterKind> kinds = {
      {"least_loaded", "the replica with the fewest unfinished requests, ties to the lower id",
       by_replicas<LeastLoaded>},
      {"round_robin", "the replicas in turn", by_replicas<RoundRobin>},
      {"power_of_two", "the less loaded of two replicas drawn at random", by_setup<PowerOfTwo>},
      {"session_hash", "the replica that the session's hash picks; without a session the least loaded",
       by_setup<SessionHash>},
      {"prefix_aware", "the longest matching prefix while the loads are balanced, else the least loaded",
       read_prefix_aware},
      {"prefix_cost", "the lowest cost of blocks to compute and blocks in use", read_prefix_cost},
      {"weighted_score", "the highest weighted sum of matching prefix and short queue", read_weighted_score},
  };
  return kinds;
}

}  // namespace memwall
