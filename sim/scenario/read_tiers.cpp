#include "sim/scenario/tier_spec.hpp"

namespace memwall {
namespace {

constexpr Tier kinds[] = {Tier::host_memory, Tier::nvme, Tier::object_store, Tier::disk};

/// Named settings of products. What they do beyond these is in docs/models/kv_tiers.md.
struct Preset {
  Choice choice;
  KvOffloadSpec spec;
};
const std::vector<Preset>& presets() {
  static const std::vector<Preset> all = {
      {{"vllm_offloading", "vLLM's offloading connector: any full block is loaded"}, {false, false, 1}},
      {{"lmcache", "LMCache: chunks of 256 tokens, so no shorter prefix is loaded"}, {false, false, 256}},
      {{"hicache", "SGLang's HiCache: prefixes of at least 10 tokens are loaded"}, {false, false, 10}},
  };
  return all;
}

KvTierSpec read_tier(Reader& r, std::size_t number) {
  KvTierSpec tier;
  tier.kind = kinds[r.choice("kind",
                             {{"host_memory", "memory of the host"},
                              {"nvme", "flash in the host or near it"},
                              {"object_store", "a store that the network reaches"},
                              {"disk", "spinning disks"}},
                             std::nullopt, "which tier a wait for it belongs to")];
  tier.name = r.text("name", std::string(name(tier.kind)) + (number == 0 ? "" : std::to_string(number + 1)),
                     "what reports call it");
  tier.capacity =
      r.quantity<Bytes>("capacity", std::nullopt, "of the tier of each replica, or of the one tier where it is shared");
  tier.bandwidth = r.quantity<BytesPerSecond>("bandwidth", std::nullopt,
                                              "at which the tier is read; all loads from it share this evenly");
  if (!(tier.bandwidth.value > 0)) r.fault("bandwidth", "must be above zero: the store could not be reached");
  tier.write_bandwidth =
      r.optional_quantity<BytesPerSecond>("write_bandwidth", "at which it is written; absent: as `bandwidth`");
  if (tier.write_bandwidth && !(tier.write_bandwidth->value > 0))
    r.fault("write_bandwidth", "must be above zero: nothing could ever be stored");
  tier.latency = r.quantity<Seconds>("latency", "0 s", "of a load or a write, behind its last byte");
  if (tier.latency.value < 0) r.fault("latency", "must not be below zero");
  tier.time_to_live = r.optional_quantity<Seconds>(
      "time_to_live", "content that nobody has used for so long is gone; absent: until its room is needed");
  if (tier.time_to_live && !(tier.time_to_live->value > 0)) r.fault("time_to_live", "must be above zero");
  tier.shared = r.boolean("shared", false, "one tier for all replicas of the pool; else each has its own");
  tier.at_eviction = r.choice("store",
                              {{"write_through", "gets all that the tier above it gets"},
                               {"at_eviction", "gets what the tier above it evicts; not for the nearest tier"}},
                              0, "what is written to it") == 1;
  if (number == 0 && tier.at_eviction) {
    r.fault("store",
            "what the device's own cache evicts is not written anywhere; write \"write_through\" for the "
            "nearest tier, and \"store\": \"at_finish\" in \"kv_offload\" to write less often");
  }
  return tier;
}

KvOffloadSpec read_offload(Reader& r) {
  std::vector<Choice> choices;
  for (const Preset& preset : presets()) choices.push_back(preset.choice);
  KvOffloadSpec spec;
  if (const auto picked = r.optional_choice("preset", choices, "defaults of the keys below, by product"))
    spec = presets()[*picked].spec;
  spec.at_finish = r.choice("store",
                            {{"write_through", "full blocks of a prompt, after each cycle that computed some"},
                             {"at_finish", "full blocks of prompt and answer, when the request has ended"}},
                            spec.at_finish ? 1 : 0, "when the nearest tier is written") == 1;
  spec.when_faster = r.choice("fetch",
                              {{"always", "what a tier has is loaded"},
                               {"when_faster",
                                "only where the links, if they were idle, took less time than the "
                                "device would to compute it"}},
                              spec.when_faster ? 1 : 0, "whether a prefix is loaded or computed again") == 1;
  spec.min_tokens = r.integer("min_tokens", {.fallback = spec.min_tokens, .low = 1},
                              "prefixes with fewer tokens to load are computed");
  return spec;
}

}  // namespace

KvTiersSpec read_kv_tiers(Reader& pool) {
  KvTiersSpec spec;
  pool.list("kv_tiers", false, "memories below the device's own that keep its prefix cache, the nearest first",
            [&spec](Reader& r) { spec.tiers.push_back(read_tier(r, spec.tiers.size())); });
  if (pool.has("kv_offload")) {
    pool.object("kv_offload", false, "what is written to `kv_tiers` when, and what is loaded from them",
                [&spec](Reader& r) { spec.offload = read_offload(r); });
    if (spec.tiers.empty()) pool.fault("kv_offload", "changes nothing: the pool has no \"kv_tiers\"");
  }
  return spec;
}

}  // namespace memwall
