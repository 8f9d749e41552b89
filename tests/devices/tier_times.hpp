// The same device with one tier made faster or slower: the counterfactual of the laws of attribution.
#pragma once

#include <memory>

#include "hw_models/fixed_transformer/fixed_transformer.hpp"
#include "hw_models/hbm_gpu/hbm_gpu.hpp"
#include "hw_models/in_memory/arrays.hpp"
#include "hw_models/in_memory/banks.hpp"
#include "hw_models/scratchpad/scratchpad.hpp"
#include "hw_models/sram_lpu/sram_lpu.hpp"
#include "hw_models/wafer/wafer.hpp"
#include "sim/base/tier.hpp"
#include "sim/hw/tables.hpp"

namespace memwall::test {

/// All times that belong to `tier` multiplied by `factor`.
inline HbmGpu with_tier_times(const HbmGpu& gpu, Tier tier, double factor) {
  HbmGpu::Spec spec = gpu.spec();
  const bool launch = tier == Tier::launch, hbm = tier == Tier::hbm, compute = tier == Tier::compute;
  const auto time = [factor](bool of_tier, auto& value) {
    if (of_tier) value = value * factor;
  };
  const auto rate = [factor](bool of_tier, auto& value) {
    if (of_tier) value = value / factor;
  };
  const auto table = [factor](bool of_tier, TimeTable& value) {
    if (of_tier) value = scaled(value, factor);
  };
  for (std::size_t i = 0; i < precision_count; ++i) {
    if (auto& stream = spec.gemm[i]) time(launch, stream->launch), rate(hbm, stream->bandwidth);
    if (auto& math = spec.math[i]) table(compute, *math);
    if (auto& decode = spec.decode[i]) {
      time(launch, decode->launch), table(hbm, decode->stream), table(launch, decode->tile),
          rate(compute, decode->rate);
    }
    if (auto& prefill = spec.prefill[i]) time(launch, prefill->launch), table(compute, prefill->math);
    if (auto& experts = spec.experts[i]) {
      time(launch, experts->launch), rate(hbm, experts->bandwidth), rate(compute, experts->rate);
    }
  }
  time(launch, spec.small_launch), rate(hbm, spec.small_bandwidth);
  return HbmGpu(gpu.info(), spec);
}

inline ArrayMachine with_tier_times(const ArrayMachine& machine, Tier tier, double factor) {
  ArrayMachine::Spec spec = machine.spec();
  DeviceInfo info = machine.info();
  if (tier == Tier::launch) spec.launch = spec.launch * factor;
  if (tier == Tier::capacity_memory) spec.stream = spec.stream / factor;
  if (tier == Tier::sram) spec.array_stream = spec.array_stream / factor;
  if (tier == Tier::vector) spec.vector = spec.vector / factor;
  if (tier == Tier::compute) spec.compute /= factor;
  ArrayMachine out(std::move(info), std::move(spec));
  out.set_resident(machine.resident());
  return out;
}

inline BankMachine with_tier_times(const BankMachine& machine, Tier tier, double factor) {
  BankMachine::Spec spec = machine.spec();
  if (tier == Tier::launch) spec.mode_switch = spec.mode_switch * factor, spec.host_launch = spec.host_launch * factor;
  if (tier == Tier::hbm) {
    spec.banks = spec.banks / factor;
    spec.bank_rate = spec.bank_rate / factor;
    spec.pins = spec.pins / factor;
  }
  if (tier == Tier::compute && spec.host) spec.host = *spec.host / factor;
  return BankMachine(machine.info(), spec);
}

inline FixedTransformer with_tier_times(const FixedTransformer& machine, Tier tier, double factor) {
  FixedTransformer::Spec spec = machine.spec();
  if (tier == Tier::launch) spec.launch = spec.launch * factor;
  if (tier == Tier::hbm) spec.bandwidth = spec.bandwidth / factor;
  if (tier == Tier::compute) spec.compute /= factor, spec.attention /= factor;
  if (spec.slow) {
    if (tier == Tier::launch) spec.slow->launch = spec.slow->launch * factor;
    if (tier == Tier::host_link) spec.slow->bandwidth = spec.slow->bandwidth / factor;
    if (tier == Tier::vector) spec.slow->rate = spec.slow->rate / factor;
  }
  return FixedTransformer(machine.info(), std::move(spec));
}

inline Scratchpad with_tier_times(const Scratchpad& machine, Tier tier, double factor) {
  Scratchpad::Spec spec = machine.spec();
  if (tier == Tier::launch) spec.launch = spec.launch * factor;
  if (tier == Tier::hbm) spec.stream = spec.stream / factor;
  if (tier == Tier::sram) spec.sram_stream = spec.sram_stream / factor;
  if (tier == Tier::capacity_memory) spec.spill_stream = spec.spill_stream / factor;
  if (tier == Tier::compute) spec.compute /= factor;
  return machine.with(std::move(spec));
}

/// Peak and bandwidth of a device that holds everything on its chip.
inline DeviceInfo on_chip_info(const OnChipDevice& machine, Tier tier, double factor) {
  DeviceInfo info = machine.info();
  if (tier == Tier::sram) info.bandwidth.value = info.bandwidth.value / factor;
  if (tier == Tier::host_memory) {
    for (MemoryTier& memory : info.further) memory.bandwidth.value = memory.bandwidth.value / factor;
  }
  return info;
}

inline SramLpu with_tier_times(const SramLpu& machine, Tier tier, double factor) {
  SramLpu::Fabric fabric = machine.fabric();
  if (tier == Tier::pipeline) {
    fabric.hop = fabric.hop * factor, fabric.operator_latency = fabric.operator_latency * factor;
    fabric.link = fabric.link / factor;
  }
  const double achieved = machine.achieved() / (tier == Tier::compute ? factor : 1);
  return {on_chip_info(machine, tier, factor), achieved, fabric};
}

inline Wafer with_tier_times(const Wafer& machine, Tier tier, double factor) {
  Wafer::Fabric fabric = machine.fabric();
  if (tier == Tier::pipeline) {
    fabric.hop = fabric.hop * factor, fabric.wafer_latency = fabric.wafer_latency * factor;
    fabric.wafer_link = fabric.wafer_link / factor;
  }
  const double achieved = machine.achieved() / (tier == Tier::compute ? factor : 1);
  return {on_chip_info(machine, tier, factor), achieved, fabric};
}

/// A faster device does the same work with the same energy; where that was bounded by the time that a real board took,
/// the bound is not the faster one's.
class SameEnergy final : public DeviceModel {
 public:
  SameEnergy(HbmGpu real, HbmGpu faster) : real_(std::move(real)), faster_(std::move(faster)) {}
  const DeviceInfo& info() const override { return faster_.info(); }
  Precision compute_format(Precision weights) const override { return faster_.compute_format(weights); }
  Cost gemm(const Gemm& work, double rows) const override {
    return both(real_.gemm(work, rows), faster_.gemm(work, rows));
  }
  Cost experts(const Experts& work, double tokens) const override {
    return both(real_.experts(work, tokens), faster_.experts(work, tokens));
  }
  Cost decode_attention(const Attention& work, double sequences, Affine context) const override {
    return both(real_.decode_attention(work, sequences, context), faster_.decode_attention(work, sequences, context));
  }
  Cost prefill_attention(const Attention& work, const PrefillWork& amount) const override {
    return both(real_.prefill_attention(work, amount), faster_.prefill_attention(work, amount));
  }
  Cost recurrence(const Recurrence& work, double sequences, double rows) const override {
    return both(real_.recurrence(work, sequences, rows), faster_.recurrence(work, sequences, rows));
  }
  Cost elementwise(const Elementwise& work, double rows) const override {
    return both(real_.elementwise(work, rows), faster_.elementwise(work, rows));
  }

  std::shared_ptr<const DeviceModel> with_compute_share(double share) const override {
    const auto part = [share](const HbmGpu& gpu) -> HbmGpu {
      return dynamic_cast<const HbmGpu&>(*gpu.with_compute_share(share));
    };
    return std::make_shared<const SameEnergy>(part(real_), part(faster_));
  }

 private:
  static Cost both(const Cost& real, Cost faster) {
    faster.spend_like(real, 1);
    return faster;
  }
  HbmGpu real_;
  HbmGpu faster_;
};

/// The same of a device of any mechanism; null where this file does not know it.
inline std::shared_ptr<const DeviceModel> with_tier_times(const DeviceModel& device, Tier tier, double factor) {
  std::shared_ptr<const DeviceModel> out;
  const auto as = [&](const auto* machine) {
    using Machine = std::remove_cvref_t<decltype(*machine)>;
    if (machine != nullptr) out = std::make_shared<const Machine>(with_tier_times(*machine, tier, factor));
  };
  if (const auto* gpu = dynamic_cast<const HbmGpu*>(&device)) {
    out = std::make_shared<const SameEnergy>(*gpu, with_tier_times(*gpu, tier, factor));
  }
  as(dynamic_cast<const ArrayMachine*>(&device));
  as(dynamic_cast<const BankMachine*>(&device));
  as(dynamic_cast<const FixedTransformer*>(&device));
  as(dynamic_cast<const Scratchpad*>(&device));
  as(dynamic_cast<const SramLpu*>(&device));
  as(dynamic_cast<const Wafer*>(&device));
  return out;
}

}  // namespace memwall::test
