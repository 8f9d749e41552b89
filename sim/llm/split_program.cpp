#include "sim/llm/split_program.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "sim/base/error.hpp"
#include "sim/llm/spatial_share.hpp"

namespace memwall {
namespace {

std::int64_t rows_of_part(const BatchShape& shape, std::int64_t parts) { return (shape.padded + parts - 1) / parts; }

}  // namespace

Stage TogetherStage::price(const BatchShape& shape, std::int64_t parts) {
  const Cost& visit = operators_.price(shape, parts);
  return {visit, visit};
}

Stage TogetherStage::price_from_scratch(const BatchShape& shape, std::int64_t parts) const {
  const Cost visit = operators_.price_from_scratch(shape, parts);
  return {visit, visit};
}

LaidOutStage::LaidOutStage(std::vector<Placed> operators, std::shared_ptr<const DeviceModel> device, double layers,
                           double devices, Bytes activations_per_token)
    : operators_(std::move(operators)),
      device_(std::move(device)),
      layers_(layers),
      activations_(activations_per_token) {
  const SpatialModel* machine = device_->spatial();
  law(machine != nullptr, "only a spatial machine has places");
  each_ = machine->devices_per_layer(devices, layers);
  places_ = machine->places(devices, layers);
  for (Placed& placed : operators_) {
    placed.work = share_of(placed.work, each_);
    if (is_matrix_operator(placed.work)) fills_ += placed.count;
  }
}

Stage LaidOutStage::price_from_scratch(const BatchShape& shape, std::int64_t parts) const {
  const auto rows = static_cast<double>(rows_of_part(shape, parts));
  struct Price {
    const DeviceModel& device;
    double rows;
    Cost operator()(const Gemm& work) const { return device.gemm(work, rows); }
    Cost operator()(const Experts& work) const { return device.experts(work, rows); }
    Cost operator()(const Elementwise& work) const { return device.elementwise(work, rows); }
    Cost operator()(const Attention&) const { throw LogicError("attention is on the other group of devices"); }
    Cost operator()(const Recurrence&) const { throw LogicError("recurrences are on the other group of devices"); }
    Cost operator()(const AllReduce&) const { return {}; }
    Cost operator()(const ExpertExchange&) const { return {}; }
  };
  Stage stage;
  for (const Placed& placed : operators_) {
    stage.visit.add(std::visit(Price{*device_, rows}, placed.work), placed.count);
  }
  stage.occupancy = stage.visit.times(1 / places_);
  // Partial results are summed once, after the feed-forward part; its rows then leave for the other group, so nothing
  // is handed from layer to layer.
  const SpatialModel& machine = *device_->spatial();
  const Seconds latency =
      machine.operator_latency(each_) * fills_ + machine.exchange(activations_ * rows, each_) * layers_;
  stage.visit.then(Tier::pipeline, Affine::constant(latency.value));
  return stage;
}

SplitProgram::SplitProgram(TogetherStage attention, std::unique_ptr<StagePricer> feed_forward, GroupLink link,
                           double layers, std::int64_t micro_batches, CycleOverheads overheads)
    : attention_(std::move(attention)),
      feed_forward_(std::move(feed_forward)),
      link_(link),
      layers_(layers),
      micro_batches_(micro_batches),
      overheads_(overheads),
      host_(overheads.host()) {
  law(layers_ >= 1 && micro_batches_ >= 1, "a model without feed-forward parts is not divided");
}

std::int64_t SplitProgram::parts(const BatchShape& shape) const {
  return std::clamp<std::int64_t>(shape.tokens, 1, micro_batches_);
}

Stage SplitProgram::crossing(const BatchShape& shape, Bytes token) const {
  const auto rows = static_cast<double>(rows_of_part(shape, parts(shape)));
  const Seconds moving = token * (rows * layers_) / link_.bandwidth;
  Stage stage;
  stage.occupancy.then(link_.tier, Affine::constant(moving.value));
  stage.visit.then(link_.tier, Affine::constant(moving.value + link_.latency.value * layers_));
  return stage;
}

Bytes SplitProgram::link_bytes(const BatchShape& shape) const {
  const std::int64_t count = parts(shape);
  return (link_.there + link_.back) * (layers_ * static_cast<double>(count * rows_of_part(shape, count)));
}

std::vector<Stage> SplitProgram::way(const BatchShape& shape) const {
  return {attention_.price_from_scratch(shape, parts(shape)), crossing(shape, link_.there),
          feed_forward_->price_from_scratch(shape, parts(shape)), crossing(shape, link_.back)};
}

std::vector<NamedStage> SplitProgram::stages(const BatchShape& shape) const {
  constexpr std::array<std::string_view, 4> names = {"attention", "link, there", "feed-forward", "link, back"};
  std::vector<NamedStage> out;
  for (const Stage& stage : way(shape)) {
    out.push_back(named(names.at(out.size()), stage.visit.total(), stage.occupancy.total(), parts(shape)));
  }
  return out;
}

const Cost& SplitProgram::price(const BatchShape& shape) {
  const std::array<Stage, 4> stages = {attention_.price(shape, parts(shape)), crossing(shape, link_.there),
                                       feed_forward_->price(shape, parts(shape)), crossing(shape, link_.back)};
  answer_ = interleave(stages, static_cast<double>(parts(shape)), layers_).cycle;
  overheads_.add_to(answer_, host_, shape.sampled);
  return answer_;
}

Cost SplitProgram::price_from_scratch(const BatchShape& shape) const {
  Cost cost = interleave(way(shape), static_cast<double>(parts(shape)), layers_).cycle;
  overheads_.add_to(cost, host_, shape.sampled);
  return cost;
}

Affine SplitProgram::lateness(const BatchShape& shape) const {
  return interleave(way(shape), static_cast<double>(parts(shape)), layers_).fill.total();
}

}  // namespace memwall
