// The same GPU with one of its tiers made faster: every table of its file has times of one tier or of two that race.
#include <utility>

#include "hw_models/hbm_gpu/hbm_gpu.hpp"
#include "sim/hw/tables.hpp"

namespace memwall {
namespace {

using Spec = HbmGpu::Spec;

void faster_launches(Spec& spec, double factor) {
  for (std::size_t i = 0; i < precision_count; ++i) {
    if (auto& gemm = spec.gemm[i]) gemm->launch = gemm->launch / factor;
    if (auto& experts = spec.experts[i]) experts->launch = experts->launch / factor;
    if (auto& prefill = spec.prefill[i]) prefill->launch = prefill->launch / factor;
    if (auto& decode = spec.decode[i]) {
      decode->launch = decode->launch / factor;
      decode->tile = scaled(decode->tile, 1 / factor);
    }
  }
  spec.small_launch = spec.small_launch / factor;
}

void faster_memory(Spec& spec, double factor) {
  for (std::size_t i = 0; i < precision_count; ++i) {
    if (auto& gemm = spec.gemm[i]) gemm->bandwidth = gemm->bandwidth * factor;
    if (auto& experts = spec.experts[i]) experts->bandwidth = experts->bandwidth * factor;
    if (auto& decode = spec.decode[i]) decode->stream = scaled(decode->stream, 1 / factor);
  }
  spec.small_bandwidth = spec.small_bandwidth * factor;
}

void faster_arithmetic(Spec& spec, double factor) {
  for (std::size_t i = 0; i < precision_count; ++i) {
    if (auto& math = spec.math[i]) math = scaled(*math, 1 / factor);
    if (auto& decode = spec.decode[i]) decode->rate = decode->rate * factor;
    if (auto& prefill = spec.prefill[i]) prefill->math = scaled(prefill->math, 1 / factor);
    if (auto& experts = spec.experts[i]) experts->rate = experts->rate * factor;
  }
}

/// The times of one GPU with the energy of another. The file's energy is bounded by what the real board drew in the
/// times that it reached (HbmGpu::spend); a faster board that does the same work takes the same energy, and the bound
/// of its own shorter times would make work cheaper that nobody measured.
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
    return std::make_shared<const SameEnergy>(real_.slice(share), faster_.slice(share));
  }
  std::shared_ptr<const DeviceModel> with_speed(Tier tier, double factor) const override {
    const auto faster = faster_.sped(tier, factor);
    return faster ? std::make_shared<const SameEnergy>(real_, *faster) : nullptr;
  }

 private:
  static Cost both(const Cost& real, Cost faster) {
    faster.spend_like(real, 1);
    return faster;
  }

  HbmGpu real_;
  HbmGpu faster_;
};

}  // namespace

std::optional<HbmGpu> HbmGpu::sped(Tier tier, double factor) const {
  Spec spec = spec_;
  switch (tier) {
    case Tier::launch: faster_launches(spec, factor); break;
    case Tier::hbm: faster_memory(spec, factor); break;
    case Tier::compute: faster_arithmetic(spec, factor); break;
    default: return std::nullopt;
  }
  return HbmGpu(info_, std::move(spec));
}

std::shared_ptr<const DeviceModel> HbmGpu::with_speed(Tier tier, double factor) const {
  const auto faster = sped(tier, factor);
  return faster ? std::make_shared<const SameEnergy>(*this, *faster) : nullptr;
}

}  // namespace memwall
