#include "sim/scenario/check_layout.hpp"

#include <string>

#include "sim/base/error.hpp"

namespace memwall {
namespace {

void check_streaming(const PoolSpec& spec, const DeviceModel& device) {
  if (!spec.streamed) return;
  if (device.spatial() != nullptr && device.spatial()->weight_store() != nullptr) return;
  throw InputError("pool \"" + spec.name + "\": " + spec.device +
                   " has no memory outside it that weights are streamed from; leave out \"weights\": \"streamed\"");
}

void check_overlap(const PoolSpec& spec, const DeviceModel& device) {
  if (!spec.engine.overlap) return;
  const std::string where = "pool \"" + spec.name + "\": \"dual_batch_overlap\" ";
  if (device.spatial() != nullptr) {
    throw InputError(where + "splits batches of machines that run layers together; on " + spec.device +
                     " tokens flow one behind the other anyway");
  }
  if (spec.feed_forward) throw InputError(where + "and \"ffn\" both split the batch; leave one of them out");
  if (spec.tensor * spec.experts.data == 1) {
    throw InputError(where + "has nothing to hide: a replica of one device has no collectives");
  }
  if (spec.engine.overlap->communication_share > 0 && device.with_compute_share(1) == nullptr) {
    throw InputError(where + "sets multiprocessors aside, which " + spec.device +
                     " does not do; write \"communication_share\": 0");
  }
}

void check_devices(const PoolSpec& spec, const DeviceModel& device) {
  const bool spatial = device.spatial() != nullptr;
  if (spatial && spec.feed_forward) {
    throw InputError("pool \"" + spec.name +
                     "\": with \"ffn\", the pool's own device keeps attention and runs every "
                     "layer of it together; layers are laid out on " +
                     spec.device + ", which can only be the device of \"ffn\"");
  }
  if (spatial && spec.experts.expert > 1) {
    throw InputError("pool \"" + spec.name + "\": layers are laid out on " + spec.device +
                     " and their experts with them; leave \"expert\" and \"data\" out");
  }
  if (spec.feed_forward && spec.experts.expert > 1) {
    throw InputError("pool \"" + spec.name +
                     "\": with \"ffn\" the experts are on a group of their own; leave \"expert\" and \"data\" out");
  }
  if (spatial && spec.tensor > 1) {
    throw InputError("pool \"" + spec.name + "\": layers are laid out on " + spec.device +
                     " and not divided by \"tensor\"; write \"count\", the devices of a replica");
  }
  if (!spatial && spec.count && *spec.count != spec.tensor * spec.experts.data) {
    throw InputError("pool \"" + spec.name + "\": the devices of a replica of " + spec.device +
                     " are those of \"parallelism\": tensor " + std::to_string(spec.tensor) + ", but \"count\" is " +
                     std::to_string(*spec.count));
  }
}

}  // namespace

void check_layout(const PoolSpec& spec, const DeviceModel& device) {
  check_devices(spec, device);
  check_streaming(spec, device);
  check_overlap(spec, device);
}

}  // namespace memwall
