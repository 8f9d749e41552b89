#include "hw_models/scratchpad/scratchpad.hpp"

#include <algorithm>
#include <utility>

#include "hw_models/common/formats.hpp"
#include "hw_models/common/routing.hpp"
#include "sim/base/error.hpp"
#include "sim/hw/energy.hpp"

namespace memwall {
namespace {

Affine constant(Seconds seconds) { return Affine::constant(seconds.value); }

}  // namespace

Scratchpad::Scratchpad(DeviceInfo info, Spec spec)
    : info_(std::move(info)), spec_(std::move(spec)), native_(slowest_native_format(info_)) {}

Scratchpad Scratchpad::with(Spec spec) const {
  Scratchpad other(info_, std::move(spec));
  other.layout_ = layout_;
  return other;
}

Precision Scratchpad::compute_format(Precision weights) const {
  return info_.peak[static_cast<std::size_t>(weights)] ? weights : native_;
}

FlopsPerSecond Scratchpad::rate(Precision format) const {
  return info_.peak[static_cast<std::size_t>(compute_format(format))]->value * spec_.compute;
}

double Scratchpad::utilisation(double rows) const {
  if (!spec_.array) return 1;
  // Cut into s parts, the array takes rows / s rows a pass and multiplies s blocks of the weights at once; the compiler
  // takes the cut that is best for the batch.
  double best = 0;
  for (const double split : spec_.array->splits) {
    const double filled = std::min(1.0, rows * split / spec_.array->rows);
    best = std::max(best, split > 1 ? filled * (1 - spec_.array->overhead) : filled);
  }
  return best;
}

Cost Scratchpad::launched(int programs) const {
  Cost cost;
  if (!spec_.fused_layers) cost.then(Tier::launch, constant(spec_.launch * programs));
  return cost;
}

/// Prefetch runs ahead of the arithmetic, so the three streams overlap; within one operator the slowest sets the time.
Cost Scratchpad::product(Bytes weights, Bytes activations, Flops flops, double rows, Precision format) const {
  Cost cost = launched(1);
  const Seconds near = (weights * layout_.sram + activations) / spec_.sram_stream;
  const Seconds far = weights * layout_.stacked / spec_.stream;
  const Seconds math = flops / (rate(format) * utilisation(rows));
  Cost race;
  if (layout_.spilled <= 0) {
    race.race(Tier::compute, constant(math), Tier::sram, constant(near), Tier::hbm, constant(far));
  } else {
    const bool far_rules = far.value >= near.value;
    const Seconds farthest = weights * layout_.spilled / spec_.spill_stream;
    race.race(Tier::compute, constant(math), far_rules ? Tier::hbm : Tier::sram, constant(far_rules ? far : near),
              Tier::capacity_memory, constant(farthest));
    Cost hidden;
    race.hide(hidden.then(far_rules ? Tier::sram : Tier::hbm, constant(far_rules ? near : far)));
  }
  const auto spend = [&](Tier tier, Bytes bytes) {
    spend_bytes(race, info_.energy, tier, Affine::constant(bytes.value));
  };
  spend(Tier::sram, weights * layout_.sram + activations);
  spend(Tier::hbm, weights * layout_.stacked);
  spend(Tier::capacity_memory, weights * layout_.spilled);
  spend_flops(race, info_.energy, compute_format(format), Affine::constant(flops.value));
  return cost += race;
}

Cost Scratchpad::gemm(const Gemm& work, double rows) const {
  if (rows <= 0) return {};
  return product(work.weights, work.activations_per_row * rows, work.flops_per_row * rows, rows, work.compute);
}

Cost Scratchpad::experts(const Experts& work, double tokens) const {
  if (tokens <= 0 || work.rows_per_token <= 0) return {};
  const double chosen = distinct_experts(work.experts, work.rows_per_token, tokens);
  const double rows = work.rows_per_token * tokens;
  Cost cost = product(work.weights_per_expert * chosen, work.activations_per_row * rows, work.flops_per_row * rows,
                      rows / chosen, work.compute);
  return cost += launched(work.kernels - 1);
}

Cost Scratchpad::decode_attention(const Attention& work, double sequences, Affine context) const {
  if (sequences <= 0) return {};
  Cost cost = launched(1);
  cost.race(Tier::hbm, context * (work.kv_per_token / spec_.stream).value, Tier::compute,
            context * (work.flops_per_decode_pair / rate(work.compute)).value);
  spend_bytes(cost, info_.energy, Tier::hbm, context * work.kv_per_token.value);
  spend_flops(cost, info_.energy, compute_format(work.compute), context * work.flops_per_decode_pair.value);
  return cost;
}

Cost Scratchpad::prefill_attention(const Attention& work, const PrefillWork& amount) const {
  if (amount.tokens <= 0) return {};
  const Bytes bytes = work.kv_per_token * amount.context;
  const Flops flops = work.flops_per_pair * amount.pairs;
  Cost cost = launched(1);
  cost.race(Tier::compute, constant(flops / rate(work.compute)), Tier::hbm, constant(bytes / spec_.stream));
  spend_bytes(cost, info_.energy, Tier::hbm, Affine::constant(bytes.value));
  spend_flops(cost, info_.energy, compute_format(work.compute), Affine::constant(flops.value));
  return cost;
}

/// States are caches: they live in the stacked memory, whatever part of the weights lies nearer.
Cost Scratchpad::recurrence(const Recurrence& work, double sequences, double rows) const {
  if (rows <= 0) return {};
  const Bytes states = work.state * (2 * sequences);
  const Bytes activations = work.activations_per_row * rows;
  const Flops flops = work.flops_per_row * rows;
  Cost cost = launched(work.kernels);
  cost.race(Tier::compute, constant(flops / rate(Precision::bf16)), Tier::sram,
            constant(activations / spec_.sram_stream), Tier::hbm, constant(states / spec_.stream));
  spend_bytes(cost, info_.energy, Tier::sram, Affine::constant(activations.value));
  spend_bytes(cost, info_.energy, Tier::hbm, Affine::constant(states.value));
  spend_flops(cost, info_.energy, compute_format(Precision::bf16), Affine::constant(flops.value));
  return cost;
}

Cost Scratchpad::elementwise(const Elementwise& work, double rows) const {
  Cost cost;
  if (rows <= 0) return cost;
  // Each layer has one group of element-wise passes, so the one program of a fused layer is counted here.
  cost.then(Tier::launch, constant(spec_.launch * (spec_.fused_layers ? 1 : work.kernels)));
  const Bytes bytes = work.bytes_per_row * rows;
  spend_bytes(cost, info_.energy, Tier::sram, Affine::constant(bytes.value));
  return cost.then(Tier::sram, constant(bytes / spec_.sram_stream));
}

Scratchpad::Layout Scratchpad::layout(Bytes weights) const {
  Layout out;
  if (weights.value <= 0) return out;
  const Bytes near = std::min(weights, spec_.sram.capacity.value * spec_.weights_share);
  const Bytes rest = weights - near;
  Bytes spilled;
  if (spec_.spill) spilled = std::max(Bytes{}, rest - info_.memory.value * spec_.spill_after);
  if (spec_.spill) spilled = std::min(spilled, spec_.spill->capacity.value);
  out.sram = near / weights;
  out.spilled = spilled / weights;
  out.stacked = 1 - out.sram - out.spilled;
  return out;
}

Bytes Scratchpad::weights_elsewhere(Bytes weights) const {
  const Layout shares = layout(weights);
  return weights * (shares.sram + shares.spilled);
}

std::shared_ptr<const DeviceModel> Scratchpad::holding(Bytes weights) const {
  auto placed = std::make_shared<Scratchpad>(*this);
  placed->layout_ = layout(weights);
  return placed;
}

std::shared_ptr<const DeviceModel> Scratchpad::with_speed(Tier tier, double factor) const {
  Spec spec = spec_;
  switch (tier) {
    case Tier::launch: spec.launch = spec.launch / factor; break;
    case Tier::hbm: spec.stream = spec.stream * factor; break;
    case Tier::sram: spec.sram_stream = spec.sram_stream * factor; break;
    case Tier::capacity_memory:
      if (!spec.spill) return nullptr;
      spec.spill_stream = spec.spill_stream * factor;
      break;
    case Tier::compute: spec.compute *= factor; break;
    default: return nullptr;
  }
  return std::make_shared<const Scratchpad>(with(std::move(spec)));
}

}  // namespace memwall
