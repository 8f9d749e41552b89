#include "sim/scenario/build_what_if.hpp"

#include <algorithm>
#include <string>

#include "sim/base/error.hpp"

namespace memwall {
namespace {

bool is_link(Tier tier) { return tier == Tier::scale_up || tier == Tier::scale_out; }

/// Whether a group of devices joined like this can spend time on links of the tier.
bool uses_links(const Interconnect* links, std::int64_t ranks, Tier tier) {
  if (links == nullptr || ranks < 2) return false;
  return tier == Tier::scale_up || ranks > links->domain();
}

/// Makes the device faster; whether it has such a tier.
bool speed_device(std::shared_ptr<const DeviceModel>& device, Tier tier, double factor) {
  auto faster = device->with_speed(tier, factor);
  if (!faster) return false;
  device = std::move(faster);
  return true;
}

bool speed_host(CycleOverheads& overheads, Tier tier, double factor) {
  Seconds* time = tier == Tier::host_cpu ? &overheads.schedule
                  : tier == Tier::vector ? &overheads.sampling_per_sequence
                                         : nullptr;
  if (time == nullptr || !(time->value > 0)) return false;
  *time = *time / factor;
  return true;
}

/// The way between the two groups of a split replica is a link of the group that keeps the caches.
bool speed_group_link(BuiltPool& pool, Tier tier, double factor) {
  if (!pool.spec.feed_forward || pool.spec.feed_forward->link_tier != tier) return false;
  pool.spec.feed_forward->link_bandwidth = pool.spec.feed_forward->link_bandwidth * factor;
  pool.spec.feed_forward->link_latency = pool.spec.feed_forward->link_latency / factor;
  return true;
}

[[noreturn]] void refuse(const std::string& where, Tier tier, const std::string& device) {
  const auto keys = what_if_keys();
  const auto key =
      std::find_if(keys.begin(), keys.end(), [tier](const WhatIfKey& candidate) { return candidate.tier == tier; });
  throw InputError(where + "/" + std::string(key->name) + " changes nothing, because " +
                   (is_link(tier) ? "nothing that runs there uses links of tier " : "no time there belongs to tier ") +
                   std::string(name(tier)) + " on " + device);
}

}  // namespace

void apply_speeds(BuiltPool& pool, const Interconnect* links) {
  const std::string where = "pool \"" + pool.spec.name + "\": what_if";
  for (const auto& [tier, factor] : pool.spec.what_if.speed) {
    bool used = speed_device(pool.device, tier, factor);
    used = speed_host(pool.overheads, tier, factor) || used;
    used = speed_group_link(pool, tier, factor) || used;
    used = (is_link(tier) && uses_links(links, pool.devices_per_replica, tier)) || used;
    if (!used) refuse(where, tier, pool.spec.device);
  }
  if (!pool.feed_forward) return;
  BuiltFeedForward& second = *pool.feed_forward;
  for (const auto& [tier, factor] : pool.spec.feed_forward->what_if.speed) {
    bool used = speed_device(second.device, tier, factor);
    used = (is_link(tier) && uses_links(second.interconnect.get(), second.deployment.tensor, tier)) || used;
    if (!used) refuse("pool \"" + pool.spec.name + "\": ffn/what_if", tier, pool.spec.feed_forward->device);
  }
}

}  // namespace memwall
