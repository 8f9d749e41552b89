// The same GPU with one tier made faster or slower: the counterfactual of the laws of attribution.
#pragma once

#include "hw_models/hbm_gpu/hbm_gpu.hpp"
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

}  // namespace memwall::test
