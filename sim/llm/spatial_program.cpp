#include "sim/llm/spatial_program.hpp"

#include <utility>

#include "sim/base/error.hpp"

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
  prompt_slot_ = machine->prompt_slot_tokens();
  double fills = 0;
  for (Placed& placed : operators_) {
    placed.work = std::visit([each](const auto& work) { return Work(Share{each}(work)); }, placed.work);
    if (is_matrix_operator(placed.work)) fills += placed.count;
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
  };
  Cost sum;
  for (const Placed& placed : operators_) {
    if (placed.driver == driver) sum.add(std::visit(Price{*device_, rows}, placed.work), placed.count);
  }
  return sum;
}

Cost SpatialProgram::decode_attention(double sequences, Affine context) const {
  Cost sum;
  for (const Placed& placed : operators_) {
    if (placed.driver != Driver::attention) continue;
    sum.add(device_->decode_attention(std::get<Attention>(placed.work), sequences, context), placed.count);
  }
  return sum;
}

Cost SpatialProgram::prefill_attention(const PrefillWork& amount) const {
  Cost sum;
  for (const Placed& placed : operators_) {
    if (placed.driver != Driver::attention) continue;
    sum.add(device_->prefill_attention(std::get<Attention>(placed.work), amount), placed.count);
  }
  return sum;
}

Cost SpatialProgram::price_from_scratch(const BatchShape& shape) const {
  Cost trip;      // of the longest way that a token goes
  Cost all_work;  // of every slot, at every place
  const auto sequences = static_cast<double>(shape.decode_sequences);
  if (shape.decode_sequences > 0) {
    // A token attends to the mean context: the sums of a batch do not tell the longest one.
    const Affine context{static_cast<double>(shape.decode_context), sequences};
    const Cost attention = decode_attention(sequences, context);
    trip = token_;
    trip.add(attention, 1 / sequences);
    trip += head_;
    all_work = token_.times(static_cast<double>(shape.decode_tokens));
    all_work += attention;
  }
  if (shape.prefill_tokens > 0) {
    const double slots = static_cast<double>(shape.prefill_tokens) / prompt_slot_;
    const Cost attention =
        prefill_attention({static_cast<double>(shape.prefill_tokens), static_cast<double>(shape.prefill_pairs),
                           static_cast<double>(shape.prefill_context)});
    Cost way = prompt_slot_work_;
    way.add(attention, 1 / std::max(1.0, slots));
    way += head_;
    trip = shape.decode_sequences > 0 ? longer(trip, way) : way;
    all_work += prompt_slot_work_.times(slots);
    all_work += attention;
  }
  all_work += head_.times(static_cast<double>(shape.sampled));
  trip.then(Tier::pipeline, Affine::constant(latency_.value));
  Cost cost = longer(trip, all_work.times(1 / places_));
  overheads_.add_to(cost, host_, shape.sampled);
  return cost;
}

}  // namespace memwall
