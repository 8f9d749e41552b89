#include "tools/machine.hpp"

#include <algorithm>

#include "sim/config/json_writer.hpp"
#include "tools/roofline.hpp"

namespace memwall::tools {
namespace {

/// The batch of a pool's mean cycle with decoding sequences, at the context half way through a mean answer.
RooflineBatch mean_batch(const Outcome& outcome, const PoolResults& pool) {
  RooflineBatch batch;
  const auto& phases = pool.cycles.by_phase;
  const std::int64_t cycles =
      phases[static_cast<std::size_t>(Phase::decode)].count + phases[static_cast<std::size_t>(Phase::mixed)].count;
  const std::int64_t completed = outcome.results.requests.of(Status::completed);
  if (cycles > 0) batch.sequences = std::max<std::int64_t>(1, (pool.computed.decode + cycles / 2) / cycles);
  if (completed > 0) {
    const std::int64_t tokens = outcome.results.tokens.input + outcome.results.tokens.output / 2;
    batch.context = std::max<std::int64_t>(1, tokens / completed);
  }
  return batch;
}

void write_memories(JsonWriter& json, const DeviceInfo& info) {
  json.key("memories").begin_list();
  for (const MemoryTier& memory : info.memories()) {
    json.begin_object().member("name", memory.name).member("tier", name(memory.tier));
    json.member("capacity_bytes", memory.capacity.value.value).member("capacity_basis", name(memory.capacity.basis));
    json.member("bandwidth_bytes_per_s", memory.bandwidth.value.value);
    json.member("bandwidth_basis", name(memory.bandwidth.basis)).member("drain_s", memory.drain().value).end_object();
  }
  json.end_list();
}

void write_contents(JsonWriter& json, const BuiltPool& pool) {
  const MemoryPlan& memory = pool.memory;
  // Devices that the layers are laid out on are planned together, all others each by itself.
  json.member("contents_of", pool.device->spatial() == nullptr ? "device" : "replica");
  json.key("contents").begin_object();
  for (const MemoryTerm& term : memory.terms) json.member(term.name, term.bytes.value);
  json.member("kv_cache", memory.block.value * static_cast<double>(std::max<std::int64_t>(0, memory.usable_blocks())));
  json.end_object();
}

void write_roofline(JsonWriter& json, const Outcome& outcome, std::size_t position) {
  const BuiltPool& pool = outcome.built.pools[position];
  Roofline roofline = roofline_of(*pool.device);
  const RooflineBatch batch = mean_batch(outcome, outcome.results.pools[position]);
  // Where layers lie side by side, no operator has the device to itself.
  const bool one_after_another = pool.device->spatial() == nullptr;
  if (one_after_another && !roofline.ceilings.empty()) {
    add_operators(roofline, *pool.device, pool.model, pool.deployment, batch);
  }
  json.key("peaks").begin_list();
  for (const Ceiling& ceiling : roofline.ceilings) {
    json.begin_object().member("formats", ceiling.name).member("flops_per_s", ceiling.rate).end_object();
  }
  json.end_list();
  json.key("decode_batch").begin_object().member("sequences", batch.sequences);
  json.member("context_tokens", batch.context).end_object();
  json.key("operators").begin_list();
  for (const OperatorPoint& point : roofline.points) {
    json.begin_object().member("name", point.name).member("flops_per_byte", point.intensity);
    json.member("flops_per_s", point.rate).member("roof_flops_per_s", point.roof);
    json.member("tier", name(point.tier)).end_object();
  }
  json.end_list();
}

void write_tiers(JsonWriter& json, const PoolSpec& pool) {
  json.key("kv_tiers").begin_list();
  for (const KvTierSpec& tier : pool.tiers.tiers) {
    json.begin_object().member("name", tier.name).member("tier", name(tier.kind));
    json.member("capacity_bytes", tier.capacity.value).member("shared", tier.shared);
    json.member("bandwidth_bytes_per_s", tier.bandwidth.value);
    json.member("drain_s", (tier.capacity / tier.bandwidth).value).end_object();
  }
  json.end_list();
}

}  // namespace

std::string machine_json(const Outcome& outcome) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("schema", 1).key("pools").begin_list();
  for (std::size_t i = 0; i < outcome.built.pools.size(); ++i) {
    const BuiltPool& pool = outcome.built.pools[i];
    json.begin_object().member("name", pool.spec.name).member("device", pool.spec.device);
    json.member("device_name", pool.device->info().name).member("model", pool.model.name);
    json.member("devices_per_replica", pool.devices_per_replica);
    write_memories(json, pool.device->info());
    write_contents(json, pool);
    write_tiers(json, pool.spec);
    write_roofline(json, outcome, i);
    json.end_object();
  }
  json.end_list().end_object().finish();
  return text;
}

}  // namespace memwall::tools
