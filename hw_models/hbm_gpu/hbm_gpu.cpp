#include "hw_models/hbm_gpu/hbm_gpu.hpp"

#include <utility>

#include "sim/base/error.hpp"
#include "sim/hw/energy.hpp"
#include "sim/hw/tables.hpp"

namespace memwall {
namespace {

template <class T>
const std::optional<T>& at(const HbmGpu::ByFormat<T>& table, Precision format) {
  return table[static_cast<std::size_t>(format)];
}

/// The entry of the first format that has one, bf16 last.
template <class T>
const T& entry(const HbmGpu::ByFormat<T>& table, Precision first, Precision second = Precision::bf16) {
  for (const Precision format : {first, second}) {
    if (at(table, format)) return *at(table, format);
  }
  return *at(table, Precision::bf16);
}

Affine constant(Seconds seconds) { return Affine::constant(seconds.value); }
Affine constant(Bytes bytes) { return Affine::constant(bytes.value); }

}  // namespace

HbmGpu::HbmGpu(DeviceInfo info, Spec spec) : info_(std::move(info)), spec_(std::move(spec)) {
  const auto has = [](const auto& table) { return at(table, Precision::bf16).has_value(); };
  law(has(info_.peak) || at(info_.peak, Precision::fp16), "a GPU multiplies bf16, or fp16 in its place");
  law(has(spec_.gemm) && has(spec_.math) && has(spec_.decode) && has(spec_.prefill) && has(spec_.experts),
      "every table of a GPU has an entry for bf16");
}

Precision HbmGpu::compute_format(Precision weights) const {
  // Weights of a format without matrix units are widened to 16 bits in registers: the weight-only kernels of the
  // serving engines (Marlin, Machete) work so. Units older than bf16 take fp16.
  if (at(info_.peak, weights)) return weights;
  return at(info_.peak, Precision::bf16) ? Precision::bf16 : Precision::fp16;
}

void HbmGpu::spend(Cost& cost, Affine bytes, Precision format, Affine flops) const {
  spend_bytes(cost, info_.energy, Tier::hbm, bytes);
  spend_flops(cost, info_.energy, format, flops);
  // The times of the file were reached by boards that kept to their power.
  if (info_.power && info_.energy.running) cost.draw_at_most(info_.power->value - info_.energy.running->value);
}

// Multiprocessors that communicate multiply nothing. The others still draw all of the memory's bandwidth.
HbmGpu HbmGpu::slice(double share) const {
  Spec spec = spec_;
  for (std::size_t i = 0; i < precision_count; ++i) {
    if (auto& math = spec.math[i]) math = scaled(*math, 1 / share);
    if (auto& decode = spec.decode[i]) decode->rate = decode->rate * share;
    if (auto& prefill = spec.prefill[i]) prefill->math = scaled(prefill->math, 1 / share);
    if (auto& experts = spec.experts[i]) experts->rate = experts->rate * share;
  }
  return {info_, std::move(spec)};
}

std::shared_ptr<const DeviceModel> HbmGpu::with_compute_share(double share) const {
  return std::make_shared<const HbmGpu>(slice(share));
}

Cost HbmGpu::gemm(const Gemm& work, double rows) const {
  Cost cost;
  if (rows <= 0) return cost;
  const GemmStream& stream = entry(spec_.gemm, work.weight_format, work.compute);
  const Bytes bytes = work.weights + work.activations_per_row * rows;
  const Seconds moving = bytes / stream.bandwidth;
  const double flops = (work.flops_per_row * rows).value;
  cost.then(Tier::launch, constant(stream.launch));
  cost.race(Tier::hbm, constant(moving), Tier::compute, Affine::constant(entry(spec_.math, work.compute).at(flops)));
  spend(cost, constant(bytes), work.compute, Affine::constant(flops));
  return cost;
}

Cost HbmGpu::experts(const Experts& work, double tokens) const {
  Cost cost;
  if (tokens <= 0 || work.rows_per_token <= 0) return cost;
  const ExpertKernel& kernel = entry(spec_.experts, work.compute);
  const double chosen = distinct_experts(work.experts, work.rows_per_token, tokens);
  const double rows = work.rows_per_token * tokens;
  const Bytes bytes = work.weights_per_expert * chosen + work.activations_per_row * rows;
  const Seconds moving = bytes / kernel.bandwidth;
  const Flops flops = work.flops_per_row * (rows + chosen * kernel.tile_rows);
  const Seconds math = flops / kernel.rate;
  cost.then(Tier::launch, constant(kernel.launch * work.kernels));
  cost.race(Tier::hbm, constant(moving), Tier::compute, constant(math));
  // Rows that fill up a tile are multiplied like others.
  spend(cost, constant(bytes), work.compute, Affine::constant(flops.value));
  return cost;
}

Cost HbmGpu::decode_attention(const Attention& work, double sequences, Affine context) const {
  Cost cost;
  if (sequences <= 0) return cost;
  const DecodeKernel& kernel = entry(spec_.decode, work.kv_format);
  const double tile_bytes = sequences * kernel.tile_tokens * work.kv_per_token.value;
  cost.then(Tier::launch, constant(kernel.launch));
  // A thread block works on a whole tile of keys, so a batch of short contexts takes the time of its tiles. That is
  // neither bytes nor flops and counts as launch.
  const Affine streaming = kernel.stream.at(context * work.kv_per_token.value);
  const Affine tiles = Affine::constant(kernel.tile.at(tile_bytes));
  const Affine pairs = context + sequences * kernel.math_tile_tokens;
  const Affine math = pairs * (work.flops_per_decode_pair / kernel.rate).value;
  cost.race(Tier::hbm, streaming, Tier::launch, tiles, Tier::compute, math);
  spend(cost, context * work.kv_per_token.value, work.compute, pairs * work.flops_per_decode_pair.value);
  return cost;
}

Cost HbmGpu::prefill_attention(const Attention& work, const PrefillWork& amount) const {
  Cost cost;
  if (amount.tokens <= 0) return cost;
  const PrefillKernel& kernel = entry(spec_.prefill, work.kv_format);
  const double pairs = amount.pairs + kernel.tile_tokens * amount.tokens;
  const double math = kernel.math.at((work.flops_per_pair * pairs).value);
  const Seconds moving = work.kv_per_token * amount.context / spec_.small_bandwidth;
  cost.then(Tier::launch, constant(kernel.launch));
  cost.race(Tier::compute, Affine::constant(math), Tier::hbm, constant(moving));
  spend(cost, constant(work.kv_per_token * amount.context), work.compute,
        Affine::constant((work.flops_per_pair * pairs).value));
  return cost;
}

Cost HbmGpu::recurrence(const Recurrence& work, double sequences, double rows) const {
  Cost cost;
  if (rows <= 0) return cost;
  // A scan streams states and rows like the small kernels do. Its arithmetic is taken at the rate of products, which a
  // chunked prefill comes near to and which never limits a decode.
  const Bytes bytes = work.state * (2 * sequences) + work.activations_per_row * rows;
  const Seconds moving = bytes / spec_.small_bandwidth;
  const double math = entry(spec_.math, Precision::bf16).at((work.flops_per_row * rows).value);
  cost.then(Tier::launch, constant(spec_.small_launch * work.kernels));
  cost.race(Tier::hbm, constant(moving), Tier::compute, Affine::constant(math));
  spend(cost, constant(bytes), Precision::bf16, Affine::constant((work.flops_per_row * rows).value));
  return cost;
}

Cost HbmGpu::elementwise(const Elementwise& work, double rows) const {
  Cost cost;
  if (rows <= 0) return cost;
  // The bytes of a group of kernels are taken as even over them, so each kernel has the same winner.
  const Seconds moving = work.bytes_per_row * rows / spec_.small_bandwidth;
  cost.race(Tier::launch, constant(spec_.small_launch * work.kernels), Tier::hbm, constant(moving));
  spend_bytes(cost, info_.energy, Tier::hbm, constant(work.bytes_per_row * rows));
  return cost;
}

}  // namespace memwall
