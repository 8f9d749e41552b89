#include "sim/scenario/explain.hpp"

#include <algorithm>
#include <span>

#include "sim/base/units.hpp"
#include "sim/llm/operators.hpp"
#include "sim/scenario/describe_device.hpp"

namespace memwall {
namespace {

constexpr const char* by_scenario = "the scenario";
constexpr const char* by_device = "vLLM's default for the device";

std::string origin(bool said, const char* otherwise) { return said ? by_scenario : otherwise; }

/// Who prices the sums over tensor ranks, for the smallest and the largest batch, and the exchange with experts.
void add_collectives(const BuiltPool& pool, const Interconnect* links, std::vector<ChosenValue>& chosen) {
  const Deployment& d = pool.deployment;
  if (links == nullptr) return;
  if (d.tensor > 1) {
    const Bytes row = activation_bytes_per_token(pool.model);
    const auto most = static_cast<double>(pool.engine.scheduler.max_num_batched_tokens);
    chosen.push_back({"all-reduce of one token", units::format(Seconds{links->all_reduce(d.tensor, row).total().value}),
                      links->priced_by(Collective::all_reduce, d.tensor, row)});
    chosen.push_back({"all-reduce of max_num_batched_tokens",
                      units::format(Seconds{links->all_reduce(d.tensor, row * most).total().value}),
                      links->priced_by(Collective::all_reduce, d.tensor, row * most)});
  }
  if (d.data > 1) {
    for (const auto direction : {ExchangeDirection::dispatch, ExchangeDirection::combine}) {
      const ExchangeMethod* method = links->exchange_method(d.exchange, direction);
      chosen.push_back({direction == ExchangeDirection::dispatch ? "dispatch to experts" : "combine from experts",
                        std::to_string(d.expert) + " ranks",
                        method != nullptr ? method->name : "an all-to-all by latency and bandwidth of the links"});
    }
    chosen.push_back(
        {"engines of a replica", std::to_string(d.data), "each is priced as if the others held the same batch"});
  }
}

std::vector<ChosenValue> chosen_values(const BuiltPool& pool, const ModelSpec& model) {
  const VllmConfig& used = pool.engine.scheduler;
  const EngineKeys& said = pool.spec.engine;
  const Deployment& d = pool.deployment;
  const Precision asked = model.weights.value_or(pool.model.declared_weights);
  const std::string weights_from = asked == d.weights
                                       ? origin(model.weights.has_value(), "the model's file")
                                       : "the device converts " + std::string(name(asked)) + " when weights are loaded";
  const bool kv_said = model.kv_cache.has_value();
  const std::string cap = pool.power_cap ? units::format(*pool.power_cap) : "none";
  const char* cap_from =
      pool.power_cap ? "the board power of the device" : "the device's file has no energy of its work";
  return {
      {"weights", std::string(name(d.weights)), weights_from},
      {"kv_cache", std::string(name(d.kv)), origin(kv_said, "vLLM's default: 16 bits")},
      {"products in", std::string(name(d.compute)),
       model.compute            ? by_scenario
       : d.compute == d.weights ? "native on the device"
                                : "the device has no such products: weights are widened"},
      {"attention_weights", std::string(name(d.attention_format())),
       origin(model.attention_weights || model.weights, "the model's file")},
      {"dense_weights", std::string(name(d.dense_format())),
       origin(model.dense_weights || model.weights, "the model's file")},
      {"activations", std::string(name(d.activations)),
       origin(model.activations.has_value(), "16 bits: engines quantise inside the product")},
      {"max_num_seqs", std::to_string(used.max_num_seqs), origin(said.max_num_seqs.has_value(), by_device)},
      {"max_num_batched_tokens", std::to_string(used.max_num_batched_tokens),
       origin(said.max_num_batched_tokens.has_value(), by_device)},
      {"max_model_len", std::to_string(used.max_model_len),
       origin(said.max_model_len.has_value(), "the model's longest position")},
      {"KV blocks", std::to_string(used.num_blocks),
       said.num_gpu_blocks_override ? "num_gpu_blocks_override of the scenario" : "the memory sum below"},
      {"schedule_time", units::format(pool.overheads.schedule),
       origin(said.schedule_time.has_value(),
              used.async_scheduling ? "estimate; hidden behind the device" : "estimate; before the device's work")},
      {"sampling_time_per_sequence", units::format(pool.overheads.sampling_per_sequence),
       origin(said.sampling_time_per_sequence.has_value(),
              pool.device->info().sampling_per_sequence ? "the device's file" : "estimate, as measured on GPUs")},
      {"power_cap", cap, origin(pool.spec.power_cap.has_value(), cap_from)},
  };
}

BatchShape decode_shape(std::int64_t sequences, std::int64_t context, std::span<const Reach> reaches) {
  BatchShape shape;
  for (std::int64_t i = 0; i < sequences; ++i) shape.add(context - 1, 1, true, true, reaches);
  return shape;
}

/// Whole prompts of at most `longest` tokens, together `tokens`, with nothing cached.
BatchShape prefill_shape(std::int64_t tokens, std::int64_t longest, std::span<const Reach> reaches) {
  BatchShape shape;
  for (std::int64_t left = tokens; left > 0; left -= std::min(left, longest)) {
    shape.add(0, std::min(left, longest), true, false, reaches);
  }
  return shape;
}

std::vector<ExplainedCycle> priced_cycles(const BuiltPool& pool, const CyclePricer& program) {
  const VllmConfig& engine = pool.engine.scheduler;
  std::vector<ExplainedCycle> cycles;
  const auto add = [&](std::string name, BatchShape shape) {
    shape.padded = pool.engine.padding.rows(shape.tokens);
    cycles.push_back(
        {std::move(name), shape, program.price_from_scratch(shape), program.lateness(shape), program.stages(shape)});
  };
  const std::int64_t context = std::min(explained_context, engine.max_model_len);
  const std::int64_t blocks_each = (context + engine.block_size - 1) / engine.block_size + engine.sequence_blocks;
  const std::int64_t most = std::min({engine.max_num_seqs, engine.max_num_batched_tokens,
                                      std::max<std::int64_t>(1, (engine.num_blocks - 1) / blocks_each)});
  std::int64_t last = 0;
  for (const std::int64_t wanted : {std::int64_t{1}, std::int64_t{8}, std::int64_t{64}, most}) {
    const std::int64_t sequences = std::min(wanted, most);
    if (sequences == last) continue;
    last = sequences;
    add("decode, batch " + std::to_string(sequences) + (sequences == most ? " (most)" : ""),
        decode_shape(sequences, context, program.reaches()));
  }
  add("prefill, full budget", prefill_shape(engine.max_num_batched_tokens, engine.max_model_len, program.reaches()));
  return cycles;
}

}  // namespace

Tier ExplainedCycle::bottleneck() const {
  std::size_t best = 0;
  for (std::size_t i = 1; i < tier_count; ++i) {
    if (cost.critical.at[i].value > cost.critical.at[best].value) best = i;
  }
  return tier_at(best);
}

Explanation explain(const Scenario& scenario, const Built& built) {
  Explanation out;
  const std::vector<PoolSetup> setups = pool_setups(built);
  for (std::size_t i = 0; i < setups.size(); ++i) {
    const BuiltPool& pool = built.pools[i];
    ExplainedPool e;
    e.name = pool.spec.name;
    e.device = pool.spec.device;
    e.model = pool.model.name;
    e.replicas = pool.spec.replicas;
    e.devices = pool.devices_per_replica;
    e.chosen = chosen_values(pool, scenario.models.at(pool.spec.model));
    add_collectives(pool, built.interconnect.get(), e.chosen);
    e.deployment = pool.deployment;
    e.held = footprint(pool.model, pool.deployment);
    if (pool.feed_forward) {
      const SplitProgram split = split_program(pool, built.interconnect);
      BatchShape token = decode_shape(1, 1, split.reaches());
      token.padded = 1;
      e.feed_forward = {pool.spec.feed_forward->device, pool.feed_forward->deployment, pool.feed_forward->memory,
                        split.link_bytes(token)};
    }
    e.memory = pool.memory;
    e.device_memory = pool.device->info().memory.value *
                      static_cast<double>(pool.device->spatial() != nullptr ? pool.devices_per_replica : 1);
    e.utilization = pool.spec.engine.gpu_memory_utilization;
    e.block_size = pool.engine.scheduler.block_size;
    e.blocks = pool.engine.scheduler.num_blocks;
    e.ridge = ridge_batch(pool.device->info(), pool.deployment.weights, pool.deployment.compute);
    e.cycles = priced_cycles(pool, *setups[i].program);
    out.pools.push_back(std::move(e));
  }
  out.inputs = built.provenance;
  // The weakest ground first: it is what a reader should doubt.
  std::stable_sort(out.inputs.begin(), out.inputs.end(),
                   [](const Provenance& a, const Provenance& b) { return a.basis > b.basis; });
  return out;
}

}  // namespace memwall
