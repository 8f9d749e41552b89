#include "sim/scenario/build_feed_forward.hpp"

#include <utility>

#include "sim/base/error.hpp"
#include "sim/llm/operators.hpp"

namespace memwall {
namespace {

void check_layout(const BuiltPool& pool, const DeviceModel& device, const Interconnect* links) {
  const FeedForwardSpec& spec = *pool.spec.feed_forward;
  const std::string where = "pool \"" + pool.spec.name + "\": ";
  if (feed_forward_layers(pool.model) == 0) {
    throw InputError(where + pool.model.name + " has no feed-forward parts for \"ffn\" to hold");
  }
  const bool spatial = device.spatial() != nullptr;
  if (spatial && (spec.tensor > 1 || links != nullptr)) {
    throw InputError(where + "layers are laid out on " + spec.device +
                     ", whose links are its own: leave out \"parallelism\" and \"interconnect\" of \"ffn\" and write "
                     "\"count\", the devices of the group");
  }
  if (!spatial && spec.count && *spec.count != spec.tensor) {
    throw InputError(where + "the devices of \"ffn\" on " + spec.device + " are those of its \"parallelism\": tensor " +
                     std::to_string(spec.tensor) + ", but \"count\" is " + std::to_string(*spec.count));
  }
  if (links != nullptr && spec.tensor == 1) {
    throw InputError(where + "\"interconnect\" of \"ffn\" changes nothing, because its group is one device");
  }
  if (links != nullptr && spec.tensor > links->max_ranks()) {
    throw InputError(where + "\"ffn\" wants " + std::to_string(spec.tensor) + " devices, but " + spec.interconnect +
                     " joins " + std::to_string(links->max_ranks()));
  }
}

std::unique_ptr<StagePricer> feed_forward_stage(const BuiltPool& pool) {
  const BuiltFeedForward& built = *pool.feed_forward;
  std::vector<Placed> operators = cycle_operators(pool.model, built.deployment, LayerPart::feed_forward);
  if (built.device->spatial() == nullptr) {
    const auto links = built.interconnect ? built.interconnect : std::make_shared<const Interconnect>();
    return std::make_unique<TogetherStage>(
        OperatorSum(std::move(operators), built.device, with_speeds(links, pool.spec.feed_forward->what_if)));
  }
  return std::make_unique<LaidOutStage>(
      std::move(operators), built.device, static_cast<double>(feed_forward_layers(pool.model)),
      static_cast<double>(built.memory.devices), activation_bytes_per_token(pool.model));
}

}  // namespace

BuiltFeedForward build_feed_forward(const BuiltPool& pool, Deployment deployment,
                                    std::shared_ptr<const DeviceModel> device,
                                    std::shared_ptr<const Interconnect> interconnect) {
  check_layout(pool, *device, interconnect.get());
  const FeedForwardSpec& spec = *pool.spec.feed_forward;
  const DeviceInfo& info = device->info();
  MemorySettings settings;
  settings.device_memory = info.memory.value;
  settings.gpu_memory_utilization = pool.spec.engine.gpu_memory_utilization;
  settings.max_num_batched_tokens = pool.engine.scheduler.max_num_batched_tokens;
  settings.weights_elsewhere = [&device](Bytes weights) { return device->weights_elsewhere(weights); };
  settings.runtime_reserve = info.runtime_reserve;
  BuiltFeedForward out;
  const bool spatial = device->spatial() != nullptr;
  try {
    out.memory = spatial ? plan_laid_out_feed_forward(pool.model, deployment, settings, spec.count)
                         : plan_feed_forward(pool.model, deployment, settings);
  } catch (const InputError& error) {
    throw InputError("pool \"" + pool.spec.name + "\", ffn on " + spec.device + ": " + error.faults().front().message);
  }
  if (auto placed = device->holding(footprint(pool.model, deployment).weights(LayerPart::feed_forward))) {
    device = std::move(placed);
  }
  out.device = std::move(device);
  out.interconnect = std::move(interconnect);
  out.deployment = std::move(deployment);
  return out;
}

SplitProgram split_program(const BuiltPool& pool, std::shared_ptr<const Interconnect> interconnect) {
  const FeedForwardSpec& spec = *pool.spec.feed_forward;
  const auto hidden = static_cast<double>(pool.model.hidden);
  GroupLink link;
  // After attention every device of its group has every row, so each sends its share of them over its own port.
  link.bandwidth = spec.link_bandwidth * static_cast<double>(pool.devices_per_replica);
  link.latency = spec.link_latency;
  link.tier = spec.link_tier;
  link.there = Bytes{hidden * bytes_per_weight(spec.there)};
  link.back = Bytes{hidden * bytes_per_weight(spec.back)};
  OperatorSum attention(cycle_operators(pool.model, pool.deployment, LayerPart::attention), pool.device,
                        std::move(interconnect));
  return {TogetherStage(std::move(attention)),
          feed_forward_stage(pool),
          link,
          static_cast<double>(feed_forward_layers(pool.model)),
          spec.micro_batches,
          pool.overheads};
}

}  // namespace memwall
