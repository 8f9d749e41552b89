#include "sim/llm/spatial_memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/base/error.hpp"

namespace memwall {
namespace {

/// A slot in flight holds its residual stream and the row that it makes of it, in 16 bits.
constexpr double activation_bytes_per_value = 2 * 2;

std::string gigabytes(Bytes bytes) { return fmt::format("{:.2f} GB", bytes.value / 1e9); }

Bytes largest_layer(const ModelShape& model, const Deployment& deployment) {
  Bytes largest;
  for (const LayerGroup& group : model.layers) {
    ModelShape one = model;
    one.layers = {group};
    one.layers.front().count = 1;
    const Footprint held = footprint(one, deployment);
    largest = std::max(largest, held.weights() - held.embedding - held.head);
  }
  return largest;
}

}  // namespace

SpatialMemory plan_spatial_memory(const ModelShape& model, const Deployment& deployment, const MemorySettings& settings,
                                  std::optional<std::int64_t> devices) {
  const Footprint held = footprint(model, deployment);
  const Bytes each = settings.device_memory * settings.gpu_memory_utilization;
  const Bytes activations{static_cast<double>(settings.max_num_seqs * model.hidden) * activation_bytes_per_value};
  SpatialMemory out;
  out.plan.block = held.kv_per_token * static_cast<double>(settings.block_size);
  out.plan.terms = {{"weights", held.weights()}, {"activations", activations}};

  const std::int64_t longest = 1 + (settings.max_model_len + settings.block_size - 1) / settings.block_size;
  const Bytes sequence = out.plan.block * static_cast<double>(longest);
  const Bytes least = out.plan.taken() + sequence;
  const auto needed = static_cast<std::int64_t>(std::ceil(least / each));
  out.devices = devices.value_or(needed);
  out.plan.budget = each * static_cast<double>(out.devices);
  out.plan.blocks = static_cast<std::int64_t>(std::floor((out.plan.budget - out.plan.taken()) / out.plan.block));
  if (out.plan.blocks >= longest) return out;
  throw DoesNotFit(
      fmt::format("{} on {} devices does not fit: weights {} + activations {} + cache of one sequence of {} tokens {} "
                  "= {} exceed {} "
                  "({} x {} x {:g}); it needs {} devices, or a smaller max_model_len{}",
                  model.name, out.devices, gigabytes(held.weights()), gigabytes(activations), settings.max_model_len,
                  gigabytes(sequence), gigabytes(least), gigabytes(out.plan.budget), out.devices,
                  gigabytes(settings.device_memory), settings.gpu_memory_utilization, needed,
                  settings.streamable ? ", or \"weights\": \"streamed\" of the pool" : ""),
      least, out.plan.budget);
}

SpatialMemory plan_streamed_memory(const ModelShape& model, const Deployment& deployment,
                                   const MemorySettings& settings, Bytes store, std::optional<std::int64_t> devices) {
  const Footprint held = footprint(model, deployment);
  if (held.weights() > store) {
    throw InputError(fmt::format("the weights of {}, {}, exceed the {} of the memory that they are streamed from",
                                 model.name, gigabytes(held.weights()), gigabytes(store)));
  }
  const Bytes each = settings.device_memory * settings.gpu_memory_utilization;
  const Bytes layers = largest_layer(model, deployment) * 2;
  const Bytes activations{static_cast<double>(settings.max_num_seqs * model.hidden) * activation_bytes_per_value};
  SpatialMemory out;
  out.plan.block = held.kv_per_token * static_cast<double>(settings.block_size);
  const std::int64_t longest = 1 + (settings.max_model_len + settings.block_size - 1) / settings.block_size;
  const Bytes sequence = out.plan.block * static_cast<double>(longest);
  // A sequence lives on one device, so one of them must hold the longest.
  if (layers + activations + sequence > each) {
    throw InputError(fmt::format(
        "{} does not fit with streamed weights: two layers {} + activations {} + cache of one sequence of {} tokens {} "
        "exceed {} ({} x {:g}) of one device; use a smaller max_model_len or narrower weights",
        model.name, gigabytes(layers), gigabytes(activations), settings.max_model_len, gigabytes(sequence),
        gigabytes(each), gigabytes(settings.device_memory), settings.gpu_memory_utilization));
  }
  out.devices = devices.value_or(1);
  const auto count = static_cast<double>(out.devices);
  out.plan.budget = each * count;
  out.plan.weights_elsewhere = held.weights();
  out.plan.terms = {{"two layers' weights", layers * count}, {"activations", activations * count}};
  out.plan.blocks = static_cast<std::int64_t>(std::floor((out.plan.budget - out.plan.taken()) / out.plan.block));
  return out;
}

}  // namespace memwall
