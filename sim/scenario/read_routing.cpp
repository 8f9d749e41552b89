#include "sim/scenario/read_routing.hpp"

#include <algorithm>
#include <set>

#include "sim/base/suggest.hpp"

namespace memwall {
namespace {

RouterMaker read_policy(Reader& r, std::string_view doc) {
  RouterMaker maker;
  std::vector<Variant> variants;
  for (const RouterKind& kind : router_kinds()) {
    variants.push_back({kind.name, kind.summary, [&maker, &kind](Reader& keys) { maker = kind.read(keys); }});
  }
  r.variant("policy", variants, 0, doc);
  return maker;
}

std::string quoted(const PoolSpec& pool) { return "pool \"" + pool.name + "\""; }

/// Pools that take the same requests are either all mixed, or some of each of the two other roles.
void check_roles(Reader& r, const Scenario& scenario, const PoolSpec& first) {
  std::set<PoolRole> roles;
  const PoolSpec* prefill = nullptr;
  const PoolSpec* decode = nullptr;
  for (const PoolSpec& pool : scenario.pools) {
    if (!(pool.accepts == first.accepts)) continue;
    roles.insert(pool.role);
    if (pool.role == PoolRole::prefill) prefill = &pool;
    if (pool.role == PoolRole::decode) decode = &pool;
  }
  if (roles == std::set{PoolRole::mixed} || roles == std::set{PoolRole::prefill, PoolRole::decode}) return;
  if (roles.count(PoolRole::mixed) > 0) {
    r.fault("pools", quoted(first) +
                         " takes the same requests as pools of another role; pools that prefill and decode "
                         "together need an \"accepts\" of their own beside pools that do one of the two");
  } else if (prefill != nullptr) {
    r.fault("pools", quoted(*prefill) +
                         " only prefills, and no pool of role \"decode\" takes the same requests: add "
                         "one, or make its role \"mixed\"");
  } else {
    r.fault("pools", quoted(*decode) +
                         " only decodes, and no pool of role \"prefill\" takes the same requests: add "
                         "one, or make its role \"mixed\"");
  }
}

}  // namespace

void read_router(Reader& r, Scenario& scenario) {
  scenario.router = read_policy(r, "how it picks");
  scenario.decode_router = router_kinds().front().read(r);
  if (r.has("decode")) {
    r.object("decode", false, "how it picks among pools of role \"decode\"; absent: the least loaded",
             [&](Reader& decode) { scenario.decode_router = read_policy(decode, "how it picks"); });
  }
}

AcceptsSpec read_accepts(Reader& r) {
  AcceptsSpec spec;
  spec.classes = r.texts("classes", false, "service classes of requests that it takes; absent: all");
  spec.workloads = r.texts("workloads", false, "names of workloads whose requests it takes; absent: all");
  spec.min_input_tokens =
      r.integer("min_input_tokens", {.fallback = 1, .low = 1}, "shortest prompt that it takes, in tokens");
  spec.max_input_tokens = r.optional_integer("max_input_tokens", {.low = 1}, "longest prompt that it takes, in tokens");
  if (spec.max_input_tokens && *spec.max_input_tokens < spec.min_input_tokens) {
    r.fault("max_input_tokens", "is below min_input_tokens, so the pool would take nothing");
  }
  return spec;
}

KvTransferSpec read_kv_transfer(Reader& r) {
  KvTransferSpec spec;
  spec.bandwidth = r.quantity<BytesPerSecond>(
      "bandwidth", std::nullopt, "that each device of a replica reaches to the other pools, each direction");
  if (!(spec.bandwidth.value > 0)) r.fault("bandwidth", "must be above zero: the decode pool could not be reached");
  spec.latency = r.quantity<Seconds>("latency", "0 s", "of a transfer, behind its last byte");
  if (spec.latency.value < 0) r.fault("latency", "must not be below zero");
  spec.rules.push = r.choice("mode",
                             {{"pull", "the decode side reads the cache when the prompt is computed and it has room"},
                              {"push",
                               "the decode side keeps room from arrival on, and each chunk of the prompt is "
                               "sent when it is computed"}},
                             0, "when the cache moves") == 1;
  spec.rules.first_token_at_decode =
      r.choice("first_token",
               {{"prefill", "the prefill side's token is the first one"},
                {"decode", "the decode side computes the prompt's last token again and samples the first one"}},
               0, "who makes the first token that the client sees") == 1;
  spec.rules.local_below = r.integer("local_below", {.fallback = 0, .low = 0},
                                     "requests of which the decode side would compute fewer prompt tokens than this, "
                                     "as far as the router knows its cache, stay there altogether; 0: none");
  const bool inside = r.choice("domain",
                               {{"scale_out", "Ethernet or InfiniBand between racks"},
                                {"scale_up", "the links that also join the devices of a replica"}},
                               0, "which tier the wait for it belongs to") == 1;
  spec.tier = inside ? Tier::scale_up : Tier::scale_out;
  return spec;
}

void check_routing(Reader& r, const Scenario& scenario) {
  std::vector<std::string> known;
  for (const WorkloadSpec& workload : scenario.workloads) known.push_back(workload.name);
  std::vector<AcceptsSpec> seen;
  bool apart = false;
  for (const PoolSpec& pool : scenario.pools) {
    apart = apart || pool.role != PoolRole::mixed;
    for (const std::string& name : pool.accepts.workloads) {
      if (std::find(known.begin(), known.end(), name) == known.end())
        r.fault("pools", quoted(pool) + " accepts the workload \"" + name + "\"; " + suggestion(name, known));
    }
    if (std::find(seen.begin(), seen.end(), pool.accepts) != seen.end()) continue;
    seen.push_back(pool.accepts);
    check_roles(r, scenario, pool);
  }
  if (apart && !scenario.kv_transfer) {
    r.fault("kv_transfer",
            "missing: pools that only prefill and pools that only decode must be able to reach each other");
  }
  if (!apart && scenario.kv_transfer) {
    r.fault("kv_transfer", "changes nothing: no pool has the role \"prefill\" or \"decode\"");
  }
}

}  // namespace memwall
