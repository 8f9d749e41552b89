#include "sim/llm/split_memory.hpp"

#include <fmt/format.h>

#include <cmath>

#include "sim/base/error.hpp"

namespace memwall {
namespace {

std::string gigabytes(Bytes bytes) { return fmt::format("{:.2f} GB", bytes.value / 1e9); }

Bytes taken(const SplitMemory& memory) {
  Bytes sum;
  for (const MemoryTerm& term : memory.terms) sum += term.bytes;
  return sum;
}

std::string written_out(const SplitMemory& memory) {
  std::string sum;
  for (const MemoryTerm& term : memory.terms) {
    sum += (sum.empty() ? "" : " + ") + term.name + " " + gigabytes(term.bytes);
  }
  return sum + " = " + gigabytes(taken(memory)) + " exceed " + gigabytes(memory.budget);
}

SplitMemory sum_up(const ModelShape& model, const Deployment& deployment, const MemorySettings& settings) {
  SplitMemory memory;
  memory.devices = deployment.tensor;
  memory.budget = settings.device_memory * settings.gpu_memory_utilization;
  Bytes weights = footprint(model, deployment).weights(LayerPart::feed_forward);
  if (settings.weights_elsewhere) weights = weights - settings.weights_elsewhere(weights);
  memory.terms = {{"weights", weights},
                  {"activations", forward_activations(shard(model, deployment), settings)},
                  runtime_term(settings, deployment.tensor)};
  return memory;
}

bool fits(const SplitMemory& memory) { return taken(memory) <= memory.budget; }

}  // namespace

SplitMemory plan_feed_forward(const ModelShape& model, const Deployment& deployment, const MemorySettings& settings) {
  SplitMemory memory = sum_up(model, deployment, settings);
  if (fits(memory)) return memory;
  constexpr int largest_degree = 1024;
  for (const int degree : tensor_degrees(model, largest_degree)) {
    Deployment wider = deployment;
    wider.tensor = degree;
    if (degree <= deployment.tensor || !fits(sum_up(model, wider, settings))) continue;
    throw InputError(fmt::format("the feed-forward parts of {} do not fit {} devices: {} on each; they need {}",
                                 model.name, deployment.tensor, written_out(memory), degree));
  }
  throw InputError(fmt::format(
      "the feed-forward parts of {} do not fit {} devices: {} on each, and no degree of tensor parallelism makes them",
      model.name, deployment.tensor, written_out(memory)));
}

SplitMemory plan_laid_out_feed_forward(const ModelShape& model, const Deployment& deployment,
                                       const MemorySettings& settings, std::optional<std::int64_t> devices) {
  const Bytes each = settings.device_memory * settings.gpu_memory_utilization;
  SplitMemory memory;
  memory.terms = {{"weights", footprint(model, deployment).weights(LayerPart::feed_forward)},
                  {"activations", forward_activations(model, settings)}};
  const auto needed = static_cast<std::int64_t>(std::ceil(taken(memory) / each));
  memory.devices = devices.value_or(needed);
  memory.budget = each * static_cast<double>(memory.devices);
  if (memory.devices >= needed) return memory;
  throw InputError(fmt::format("the feed-forward parts of {} do not fit {} devices: {} ({} x {} x {:g}); they need {}",
                               model.name, memory.devices, written_out(memory), memory.devices,
                               gigabytes(settings.device_memory), settings.gpu_memory_utilization, needed));
}

}  // namespace memwall
