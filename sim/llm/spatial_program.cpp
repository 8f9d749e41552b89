#include "sim/llm/spatial_program.hpp"

#include <algorithm>
#include <utility>

#include "sim/base/error.hpp"
#include "sim/llm/attention_work.hpp"
#include "sim/llm/spatial_share.hpp"

namespace memwall {
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
    placed.work = share_of(placed.work, each);
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
    Cost operator()(const ExpertExchange&) const { return {}; }
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

SpatialProgram::Flow SpatialProgram::flow(const BatchShape& shape) const {
  Flow out;
  const auto sequences = static_cast<double>(shape.decode_sequences);
  if (shape.decode_sequences > 0) {
    // A token attends to the mean context: the sums of a batch do not tell the longest one.
    Cost attention = decode_attention(shape);
    attention += states(sequences, static_cast<double>(shape.decode_tokens));
    Cost slot = token_;
    slot.add(attention, 1 / sequences);
    slot += head_;
    out.trip = slot;
    out.last_slot = slot.total();
    out.all_work = token_.times(static_cast<double>(shape.decode_tokens));
    out.all_work += attention;
  }
  if (shape.prefill_tokens > 0) {
    const double slots = static_cast<double>(shape.prefill_tokens) / prompt_slot_;
    Cost attention = prefill_attention(shape);
    attention += states(static_cast<double>(shape.prefill_sequences), static_cast<double>(shape.prefill_tokens));
    Cost slot = prompt_slot_work_;
    slot.add(attention, 1 / std::max(1.0, slots));
    slot += head_;
    out.last_slot = slot.total();
    out.trip.beside(slot);
    out.all_work += prompt_slot_work_.times(slots);
    out.all_work += attention;
  }
  out.all_work += head_.times(static_cast<double>(shape.sampled));
  out.trip.then(Tier::pipeline, Affine::constant(latency_.value));
  return out;
}

Cost SpatialProgram::price_from_scratch(const BatchShape& shape) const {
  Flow flow = this->flow(shape);
  flow.trip.beside(flow.all_work.times(1 / places_));
  flow.trip.spend_like(flow.all_work, energy_share_);
  overheads_.add_to(flow.trip, host_, shape.sampled);
  return flow.trip;
}

// The last slot enters when the first place has worked off all others, and needs a whole trip from there.
Affine SpatialProgram::lateness(const BatchShape& shape) const {
  const Flow flow = this->flow(shape);
  const Contest contest = larger(flow.trip.total(), flow.all_work.total() / places_);
  const Affine shorter = contest.first_wins ? flow.all_work.total() / places_ : flow.trip.total();
  Affine late = shorter + flow.last_slot / places_ * -1.0;
  late.horizon = contest.horizon;
  if (late.value <= 0) return {0, 0, late.horizon};
  return late;
}

}  // namespace memwall
