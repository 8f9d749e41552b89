#include "sim/llm/streamed_program.hpp"

#include <algorithm>
#include <utility>

#include "sim/base/error.hpp"
#include "sim/llm/spatial_share.hpp"

namespace memwall {
namespace {

double matrix_operators(const std::vector<Placed>& operators) {
  double count = 0;
  for (const Placed& placed : operators) count += is_matrix_operator(placed.work) ? placed.count : 0;
  return count;
}

const MemoryTier& store_of(const DeviceModel& device) {
  law(device.spatial() != nullptr && device.spatial()->weight_store() != nullptr,
      "weights are streamed to machines that have a store for them");
  return *device.spatial()->weight_store();
}

}  // namespace

StreamedProgram::StreamedProgram(std::vector<Placed> operators, std::shared_ptr<const DeviceModel> device,
                                 std::int64_t devices, Bytes weights, CycleOverheads overheads)
    : work_(operators, device, std::make_shared<const Interconnect>()),
      devices_(devices),
      latency_(device->spatial()->operator_latency(1) * matrix_operators(operators)),
      overheads_(overheads),
      host_(overheads.host()) {
  const MemoryTier& store = store_of(*device);
  stream_.then(store.tier, Affine::constant((weights / store.bandwidth.value).value));
}

std::int64_t StreamedProgram::parts(const BatchShape& shape) const {
  return std::clamp<std::int64_t>(shape.tokens, 1, devices_);
}

void StreamedProgram::finish(const BatchShape& shape, Cost& cost) const {
  cost.then(Tier::pipeline, Affine::constant(latency_.value));
  cost.beside(stream_);
  overheads_.add_to(cost, host_, shape.sampled);
}

const Cost& StreamedProgram::price(const BatchShape& shape) {
  answer_ = work_.price(shape, parts(shape));
  finish(shape, answer_);
  return answer_;
}

Cost StreamedProgram::price_from_scratch(const BatchShape& shape) const {
  Cost cost = work_.price_from_scratch(shape, parts(shape));
  finish(shape, cost);
  return cost;
}

std::vector<NamedStage> StreamedProgram::stages(const BatchShape& shape) const {
  const Affine work = work_.price_from_scratch(shape, parts(shape)).total() + latency_.value;
  return {named("work on the device", work, work, 1),
          named("weights from outside", stream_.total(), stream_.total(), 1)};
}

}  // namespace memwall
