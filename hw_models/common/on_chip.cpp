#include "hw_models/common/on_chip.hpp"

#include <utility>

#include "hw_models/common/routing.hpp"
#include "sim/base/error.hpp"
#include "sim/hw/energy.hpp"

namespace memwall {
namespace {

constexpr std::array sixteen_bits = {Precision::bf16, Precision::fp16};

const std::optional<Sourced<FlopsPerSecond>>& peak(const DeviceInfo& info, Precision format) {
  return info.peak[static_cast<std::size_t>(format)];
}

}  // namespace

OnChipDevice::OnChipDevice(DeviceInfo info, double achieved) : info_(std::move(info)), achieved_(achieved) {
  law(peak(info_, Precision::bf16) || peak(info_, Precision::fp16), "an on-chip device multiplies 16-bit floats");
  info_.memory_tier = Tier::sram;
  info_.host_driven = false;
}

Precision OnChipDevice::compute_format(Precision weights) const {
  if (peak(info_, weights)) return weights;
  for (const Precision format : sixteen_bits) {
    if (peak(info_, format)) return format;
  }
  return weights;
}

Cost OnChipDevice::price(Affine bytes, Affine flops, Precision compute) const {
  const FlopsPerSecond rate = peak(info_, compute_format(compute))->value * achieved_;
  Cost cost;
  cost.race(info_.memory_tier, bytes / info_.bandwidth.value.value, Tier::compute, flops / rate.value);
  spend_bytes(cost, info_.energy, info_.memory_tier, bytes);
  spend_flops(cost, info_.energy, compute_format(compute), flops);
  return cost;
}

Cost OnChipDevice::gemm(const Gemm& work, double rows) const {
  if (rows <= 0) return {};
  const Bytes bytes = work.weights + work.activations_per_row * rows;
  return price(Affine::constant(bytes.value), Affine::constant((work.flops_per_row * rows).value), work.compute);
}

Cost OnChipDevice::experts(const Experts& work, double tokens) const {
  if (tokens <= 0 || work.rows_per_token <= 0) return {};
  const double rows = work.rows_per_token * tokens;
  const Bytes bytes = work.weights_per_expert * distinct_experts(work.experts, work.rows_per_token, tokens) +
                      work.activations_per_row * rows;
  return price(Affine::constant(bytes.value), Affine::constant((work.flops_per_row * rows).value), work.compute);
}

Cost OnChipDevice::decode_attention(const Attention& work, double sequences, Affine context) const {
  if (sequences <= 0) return {};
  return price(context * work.kv_per_token.value, context * work.flops_per_decode_pair.value, work.compute);
}

Cost OnChipDevice::prefill_attention(const Attention& work, const PrefillWork& amount) const {
  if (amount.tokens <= 0) return {};
  return price(Affine::constant((work.kv_per_token * amount.context).value),
               Affine::constant((work.flops_per_pair * amount.pairs).value), work.compute);
}

/// States lie in the SRAM beside everything else.
Cost OnChipDevice::recurrence(const Recurrence& work, double sequences, double rows) const {
  if (rows <= 0) return {};
  const Bytes bytes = work.state * (2 * sequences) + work.activations_per_row * rows;
  return price(Affine::constant(bytes.value), Affine::constant((work.flops_per_row * rows).value), Precision::bf16);
}

Cost OnChipDevice::elementwise(const Elementwise& work, double rows) const {
  if (rows <= 0) return {};
  const Bytes bytes = work.bytes_per_row * rows;
  Cost cost;
  cost.then(info_.memory_tier, Affine::constant((bytes / info_.bandwidth.value).value));
  spend_bytes(cost, info_.energy, info_.memory_tier, Affine::constant(bytes.value));
  return cost;
}

bool check_on_chip(Reader& reader, const DeviceInfo& info) {
  if (peak(info, Precision::bf16) || peak(info, Precision::fp16)) return true;
  reader.fault("peak", "needs a rate for bf16 or fp16, into which other formats are widened");
  return false;
}

std::shared_ptr<const DeviceModel> OnChipDevice::with_speed(Tier tier, double factor) const {
  if (tier == Tier::compute) return rebuilt(info_, achieved_ * factor, 1);
  if (tier == Tier::pipeline) return rebuilt(info_, achieved_, factor);
  DeviceInfo faster = info_;
  if (tier == info_.memory_tier) {
    faster.bandwidth.value = faster.bandwidth.value * factor;
    return rebuilt(std::move(faster), achieved_, 1);
  }
  // What is left is a store outside of the device, if it has one.
  bool found = false;
  for (MemoryTier& memory : faster.further) {
    if (memory.tier != tier) continue;
    memory.bandwidth.value = memory.bandwidth.value * factor;
    found = true;
  }
  return found ? rebuilt(std::move(faster), achieved_, 1) : nullptr;
}

}  // namespace memwall
