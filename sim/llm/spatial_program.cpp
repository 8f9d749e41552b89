#include "sim/llm/spatial_program.hpp"

#include <algorithm>
#include <utility>

#include "sim/base/error.hpp"
#include "sim/llm/attention_work.hpp"

namespace memwall {
namespace {

/// The part of an operator that one of `devices` devices does, all doing the same.
struct Share {
  double devices;

  Gemm operator()(Gemm work) const {
    work.weights = work.weights / devices;
    work.activations_per_row = work.activations_per_row / devices;
    work.flops_per_row = work.flops_per_row / devices;
    return work;
  }
  Experts operator()(Experts work) const {
    work.weights_per_expert = work.weights_per_expert / devices;
    work.activations_per_row = work.activations_per_row / devices;
    work.flops_per_row = work.flops_per_row / devices;
    return work;
  }
  Attention operator()(Attention work) const {
    work.kv_per_token = work.kv_per_token / devices;
    work.flops_per_pair = work.flops_per_pair / devices;
    work.flops_per_decode_pair = work.flops_per_decode_pair / devices;
    return work;
  }
  Recurrence operator()(Recurrence work) const {
    work.state = work.state / devices;
    work.activations_per_row = work.activations_per_row / devices;
    work.flops_per_row = work.flops_per_row / devices;
    return work;
  }
  Elementwise operator()(Elementwise work) const {
    work.bytes_per_row = work.bytes_per_row / devices;
    return work;
  }
  AllReduce operator()(const AllReduce&) const {
    throw LogicError("a model that is laid out in space is not divided into ranks");
  }
};

bool is_matrix_operator(const Work& work) { return !std::holds_alternative<Elementwise>(work); }

}  // namespace

SpatialProgram::SpatialProgram(std::vector<Placed> operators, std::shared_ptr<const DeviceModel> device, double layers,
                               double devices, Bytes activations_per_token, CycleOverheads overheads)
    : operators_(std::move(operators)), device_(std::move(device)), overheads_(overheads), host_(overheads.host()) {
  const SpatialModel* machine = device_->spatial();
  law(machine != nullptr, "only a spatial machine has places");
  const double each = machine->devices_per_layer(devices, layers);
  places_ = machine->places(devices, layers);
  energy_share_ = each / devices;
  prompt_slot_ = machine->prompt_slot_tokens();
  reaches_ = limited_reaches(operators_);
  double fills = 0;
  for (Placed& placed : operators_) {
    placed.work = std::visit([each](const auto& work) { return Work(Share{each}(work)); }, placed.work);
    if (is_matrix_operator(placed.work)) fills += placed.count;
    const auto reach = std::find(reaches_.begin(), reaches_.end(), placed.reach);
    const bool limited = std::holds_alternative<Attention>(placed.work) && reach != reaches_.end();
    reach_.push_back(limited ? static_cast<int>(reach - reaches_.begin()) : -1);
  }
  // As in tensor parallelism, partial results are summed twice a layer: after attention and after the feed-forward
  // part.
  latency_ = machine->operator_latency(each) * fills + machine->exchange(activations_per_token, each) * (2 * layers) +
             machine->hand_overs(activations_per_token, devices, layers);
  token_ = work(Driver::tokens, 1);
  prompt_slot_work_ = work(Driver::tokens, prompt_slot_);
  head_ = work(Driver::sampled, 1);
}

Cost SpatialProgram::work(Driver driver, double rows) const {
  struct Price {
    const DeviceModel& device;
    double rows;
    Cost operator()(const Gemm& work) const { return device.gemm(work, rows); }
    Cost operator()(const Experts& work) const { return device.experts(work, rows); }
    Cost operator()(const Elementwise& work) const { return device.elementwise(work, rows); }
    Cost operator()(const Attention&) const { return {}; }
    Cost operator()(const AllReduce&) const { return {}; }
    Cost operator()(const Recurrence&) const { return {}; }
  };
  Cost sum;
  for (const Placed& placed : operators_) {
    if (placed.driver == driver) sum.add(std::visit(Price{*device_, rows}, placed.work), placed.count);
  }
  return sum;
}

Cost SpatialProgram::decode_attention(const BatchShape& shape) const {
  Cost sum;
  for (std::size_t i = 0; i < operators_.size(); ++i) {
    const auto* work = std::get_if<Attention>(&operators_[i].work);
    if (work == nullptr) continue;
    const Affine context = attention_work(shape, reach_[i]).context;
    sum.add(device_->decode_attention(*work, static_cast<double>(shape.decode_sequences), context),
            operators_[i].count);
  }
  return sum;
}

Cost SpatialProgram::prefill_attention(const BatchShape& shape) const {
  Cost sum;
  for (std::size_t i = 0; i < operators_.size(); ++i) {
    const auto* work = std::get_if<Attention>(&operators_[i].work);
    if (work == nullptr) continue;
    sum.add(device_->prefill_attention(*work, attention_work(shape, reach_[i]).prefill), operators_[i].count);
  }
  return sum;
}

Cost SpatialProgram::states(double sequences, double tokens) const {
  Cost sum;
  for (const Placed& placed : operators_) {
    const auto* work = std::get_if<Recurrence>(&placed.work);
    if (work != nullptr) sum.add(device_->recurrence(*work, sequences, tokens), placed.count);
  }
  return sum;
}

Cost SpatialProgram::price_from_scratch(const BatchShape& shape) const {
  Cost trip;      // of the longest way that a token goes
  Cost all_work;  // of every slot, at every place
  const auto sequences = static_cast<double>(shape.decode_sequences);
  if (shape.decode_sequences > 0) {
    // A token attends to the mean context: the sums of a batch do not tell the longest one.
    Cost attention = decode_attention(shape);
    attention += states(sequences, static_cast<double>(shape.decode_tokens));
    trip = token_;
    trip.add(attention, 1 / sequences);
    trip += head_;
    all_work = token_.times(static_cast<double>(shape.decode_tokens));
    all_work += attention;
  }
  if (shape.prefill_tokens > 0) {
    const double slots = static_cast<double>(shape.prefill_tokens) / prompt_slot_;
    Cost attention = prefill_attention(shape);
    attention += states(static_cast<double>(shape.prefill_sequences), static_cast<double>(shape.prefill_tokens));
    Cost way = prompt_slot_work_;
    way.add(attention, 1 / std::max(1.0, slots));
    way += head_;
    trip.beside(way);
    all_work += prompt_slot_work_.times(slots);
    all_work += attention;
  }
  all_work += head_.times(static_cast<double>(shape.sampled));
  trip.then(Tier::pipeline, Affine::constant(latency_.value));
  trip.beside(all_work.times(1 / places_));
  trip.spend_like(all_work, energy_share_);
  overheads_.add_to(trip, host_, shape.sampled);
  return trip;
}

}  // namespace memwall
