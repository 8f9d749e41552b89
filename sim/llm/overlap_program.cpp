#include "sim/llm/overlap_program.hpp"

#include <array>
#include <utility>

#include "sim/base/error.hpp"

namespace memwall {
namespace {

constexpr std::int64_t halves = 2;

enum class Kind { work, communication, head };

Kind kind_of(const Placed& placed) {
  if (placed.driver == Driver::sampled) return Kind::head;
  const bool travels =
      std::holds_alternative<AllReduce>(placed.work) || std::holds_alternative<ExpertExchange>(placed.work);
  return travels ? Kind::communication : Kind::work;
}

std::vector<Placed> only(const std::vector<Placed>& operators, Kind kind) {
  std::vector<Placed> out;
  for (const Placed& placed : operators) {
    if (kind_of(placed) == kind) out.push_back(placed);
  }
  return out;
}

std::shared_ptr<const DeviceModel> shared_with_communication(std::shared_ptr<const DeviceModel> device, double share) {
  law(share >= 0 && share < 1, "communication leaves some of the device to the work");
  if (share == 0) return device;
  auto rest = device->with_compute_share(1 - share);
  law(rest != nullptr, "a device that sets nothing aside is refused before it is priced");
  return rest;
}

}  // namespace

OverlapProgram::OverlapProgram(const std::vector<Placed>& operators, std::shared_ptr<const DeviceModel> device,
                               std::shared_ptr<const Interconnect> interconnect, double layers,
                               DualBatchOverlap settings, CycleOverheads overheads)
    : whole_(operators, device, interconnect),
      work_(only(operators, Kind::work), shared_with_communication(device, settings.communication_share), interconnect),
      communication_(only(operators, Kind::communication), device, interconnect),
      head_(only(operators, Kind::head), device, interconnect),
      layers_(layers),
      settings_(settings),
      overheads_(overheads),
      host_(overheads.host()) {}

bool OverlapProgram::splits(const BatchShape& shape) const {
  const std::int64_t least =
      shape.prefill_tokens == 0 ? settings_.decode_token_threshold : settings_.prefill_token_threshold;
  return shape.tokens >= std::max(halves, least);
}

Cost OverlapProgram::together(Stage work, Stage communication, const Cost& head) const {
  const std::array<Stage, 2> stages = {std::move(work), std::move(communication)};
  Interleaved turns = interleave(stages, static_cast<double>(halves), layers_);
  const Cost busy = turns.cycle;
  turns.cycle += turns.fill;
  turns.cycle.set_busy(busy);
  return turns.cycle += head;
}

const Cost& OverlapProgram::price(const BatchShape& shape) {
  if (splits(shape)) {
    const Cost& work = work_.price(shape, halves);
    const Cost& communication = communication_.price(shape, halves);
    answer_ = together({work, work}, {communication, communication}, head_.price(shape));
  } else {
    answer_ = whole_.price(shape);
  }
  overheads_.add_to(answer_, host_, shape.sampled);
  return answer_;
}

Cost OverlapProgram::price_from_scratch(const BatchShape& shape) const {
  Cost cost;
  if (splits(shape)) {
    const Cost work = work_.price_from_scratch(shape, halves);
    const Cost communication = communication_.price_from_scratch(shape, halves);
    cost = together({work, work}, {communication, communication}, head_.price_from_scratch(shape));
  } else {
    cost = whole_.price_from_scratch(shape);
  }
  overheads_.add_to(cost, host_, shape.sampled);
  return cost;
}

std::vector<NamedStage> OverlapProgram::stages(const BatchShape& shape) const {
  if (!splits(shape)) return {};
  const Affine work = work_.price_from_scratch(shape, halves).total();
  const Affine communication = communication_.price_from_scratch(shape, halves).total();
  return {named("work", work, work, halves), named("communication", communication, communication, halves)};
}

}  // namespace memwall
