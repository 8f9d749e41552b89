#include "hw_models/in_memory/arrays.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "hw_models/common/reading.hpp"
#include "hw_models/common/routing.hpp"
#include "sim/base/error.hpp"
#include "sim/hw/device_file.hpp"
#include "sim/hw/energy.hpp"

namespace memwall {
namespace {

Affine constant(Seconds seconds) { return Affine::constant(seconds.value); }

bool has(const DeviceInfo& info, Precision format) { return info.peak[static_cast<std::size_t>(format)].has_value(); }

}  // namespace

ArrayMachine::ArrayMachine(DeviceInfo info, Spec spec) : info_(std::move(info)), spec_(std::move(spec)) {
  law(has(info_, Precision::mxint8) && has(info_, Precision::mxint4), "arrays multiply both block formats");
}

Precision ArrayMachine::compute_format(Precision weights) const {
  return bytes_per_weight(weights) < 1 ? Precision::mxint4 : Precision::mxint8;
}

FlopsPerSecond ArrayMachine::rate(Precision format) const {
  return info_.peak[static_cast<std::size_t>(compute_format(format))]->value * spec_.compute;
}

/// Activations travel between arrays inside the dataflow and take no time of their own.
Cost ArrayMachine::product(Bytes weights, Precision format, Flops flops) const {
  Cost cost;
  const double converted = bytes_per_weight(compute_format(format)) / bytes_per_weight(format);
  const Bytes streamed = weights * (converted * (1 - resident_));
  const Seconds streaming = streamed / spec_.stream;
  cost.then(Tier::launch, constant(spec_.launch));
  cost.race(Tier::compute, constant(flops / rate(format)), Tier::capacity_memory, constant(streaming));
  spend_bytes(cost, info_.energy, Tier::capacity_memory, Affine::constant(streamed.value));
  spend_flops(cost, info_.energy, compute_format(format), Affine::constant(flops.value));
  return cost;
}

Cost ArrayMachine::gemm(const Gemm& work, double rows) const {
  if (rows <= 0) return {};
  return product(work.weights, work.weight_format, work.flops_per_row * rows);
}

Cost ArrayMachine::experts(const Experts& work, double tokens) const {
  if (tokens <= 0 || work.rows_per_token <= 0) return {};
  const double chosen = distinct_experts(work.experts, work.rows_per_token, tokens);
  Cost cost = product(work.weights_per_expert * chosen, work.weight_format,
                      work.flops_per_row * (work.rows_per_token * tokens));
  cost.then(Tier::launch, constant(spec_.launch * (work.kernels - 1)));
  return cost;
}

/// Keys and values are no weights: they are read from where the cache lies and multiplied in 8 bits.
Cost ArrayMachine::attention(Affine bytes, Affine flops) const {
  Cost cost;
  cost.then(Tier::launch, constant(spec_.launch));
  const Affine math = flops / rate(Precision::mxint8).value;
  spend_flops(cost, info_.energy, Precision::mxint8, flops);
  spend_bytes(cost, info_.energy, info_.memory_tier, bytes);
  if (spec_.cache_in_arrays) {
    cost.race(Tier::compute, math, Tier::sram, bytes / spec_.array_stream.value);
  } else {
    cost.race(Tier::compute, math, Tier::capacity_memory, bytes / spec_.stream.value);
  }
  return cost;
}

Cost ArrayMachine::decode_attention(const Attention& work, double sequences, Affine context) const {
  if (sequences <= 0) return {};
  return attention(context * work.kv_per_token.value, context * work.flops_per_decode_pair.value);
}

Cost ArrayMachine::prefill_attention(const Attention& work, const PrefillWork& amount) const {
  if (amount.tokens <= 0) return {};
  return attention(Affine::constant(work.kv_per_token.value * amount.context),
                   Affine::constant(work.flops_per_pair.value * amount.pairs));
}

/// A state changes with every token, so it is no weight of an array: it is read and written where caches lie, and its
/// arithmetic is taken at the rate of attention, on blocks of 8 bits.
Cost ArrayMachine::recurrence(const Recurrence& work, double sequences, double rows) const {
  if (rows <= 0) return {};
  Cost cost =
      attention(Affine::constant(work.state.value * 2 * sequences), Affine::constant(work.flops_per_row.value * rows));
  cost.then(Tier::launch, constant(spec_.launch * (work.kernels - 1)));
  return cost.then(Tier::vector, constant(work.activations_per_row * rows / spec_.vector));
}

Cost ArrayMachine::elementwise(const Elementwise& work, double rows) const {
  Cost cost;
  if (rows <= 0) return cost;
  return cost.then(Tier::vector, constant(work.bytes_per_row * rows / spec_.vector));
}

Bytes ArrayMachine::weights_elsewhere(Bytes weights) const {
  if (spec_.cache_in_arrays) return {};
  return std::min(weights, spec_.arrays.capacity.value);
}

std::shared_ptr<const DeviceModel> ArrayMachine::holding(Bytes weights) const {
  auto placed = std::make_shared<ArrayMachine>(*this);
  placed->resident_ =
      spec_.cache_in_arrays || weights.value <= 0 ? 1 : std::min(1.0, spec_.arrays.capacity.value / weights);
  return placed;
}

std::unique_ptr<DeviceModel> ArrayMachine::make(Reader& reader, DeviceInfo info) {
  Spec spec;
  spec.arrays = read_memory_tier(reader, "arrays", Tier::sram, "the memory in whose arrays products run");
  const std::vector<Choice> places = {{"beside", "caches lie in the large memory, and the arrays hold weights first"},
                                      {"arrays", "caches share the arrays with the weights, and nothing else fits"}};
  spec.cache_in_arrays = reader.choice("cache", places, std::nullopt, "where caches of keys and values lie") == 1;
  spec.launch = reader.sourced<Seconds>("launch", "fixed time of one operator of the static program").value;
  spec.compute = read_share(reader, "compute_share", "share of the peak that products reach");
  spec.stream = info.bandwidth.value * read_share(reader, "bandwidth_share", "share of the large memory's bandwidth");
  spec.array_stream = spec.arrays.bandwidth.value;
  spec.vector = read_rate<BytesPerSecond>(reader, "vector_bandwidth", "of norms, activations and residual adds");
  for (const Precision format : {Precision::mxint8, Precision::mxint4}) {
    if (!has(info, format)) {
      reader.fault("peak", "needs \"" + std::string(name(format)) + "\", because the arrays multiply block formats");
      return nullptr;
    }
  }
  const MemoryTier large{Tier::capacity_memory, info.memory_name, info.memory, info.bandwidth};
  info.memory_tier = Tier::capacity_memory;
  info.further = {spec.arrays};
  if (spec.cache_in_arrays) {
    info.memory_tier = Tier::sram;
    info.memory_name = spec.arrays.name;
    info.memory = spec.arrays.capacity;
    info.bandwidth = spec.arrays.bandwidth;
    info.further = {large};
  }
  info.runtime_reserve = Bytes{};
  info.provenance = reader.provenance();
  return std::make_unique<ArrayMachine>(std::move(info), std::move(spec));
}

std::shared_ptr<const DeviceModel> ArrayMachine::with_speed(Tier tier, double factor) const {
  Spec spec = spec_;
  switch (tier) {
    case Tier::launch: spec.launch = spec.launch / factor; break;
    case Tier::capacity_memory: spec.stream = spec.stream * factor; break;
    case Tier::sram: spec.array_stream = spec.array_stream * factor; break;
    case Tier::vector: spec.vector = spec.vector * factor; break;
    case Tier::compute: spec.compute *= factor; break;
    default: return nullptr;
  }
  auto out = std::make_shared<ArrayMachine>(info_, std::move(spec));
  out->set_resident(resident_);
  return out;
}

}  // namespace memwall
