// A chip whose data path is one kind of network: no instruction is fetched, so products come near to the peak, and
// layers that were not foreseen run nowhere, or on a slow path that the file states.
// docs/models/fixed_transformer.md has the formulas.
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "sim/hw/device.hpp"

namespace memwall {

class FixedTransformer final : public DeviceModel {
 public:
  /// How layers run that the data path does not know: on the host or on a small vector unit.
  struct SlowPath {
    std::array<bool, layer_kind_count> layers{};
    BytesPerSecond bandwidth;
    FlopsPerSecond rate;
    Seconds launch;
  };

  struct Spec {
    Seconds launch;            ///< fixed time of one operator of the data path
    BytesPerSecond bandwidth;  ///< reached when weights or caches are streamed
    double compute = 1;        ///< share of the peak that products reach
    double attention = 1;      ///< share of the peak that attention reaches
    std::array<bool, layer_kind_count> refused{};
    std::optional<SlowPath> slow;
  };

  /// Throws LogicError where `info` has no peak at all.
  FixedTransformer(DeviceInfo info, Spec spec);

  static std::unique_ptr<DeviceModel> make(Reader& reader, DeviceInfo info);

  [[nodiscard]] const DeviceInfo& info() const override { return info_; }
  [[nodiscard]] const Spec& spec() const { return spec_; }

  [[nodiscard]] Cost gemm(const Gemm& work, double rows) const override;
  [[nodiscard]] Cost experts(const Experts& work, double tokens) const override;
  [[nodiscard]] Cost decode_attention(const Attention& work, double sequences, Affine context) const override;
  [[nodiscard]] Cost prefill_attention(const Attention& work, const PrefillWork& amount) const override;
  [[nodiscard]] Cost recurrence(const Recurrence& work, double sequences, double rows) const override;
  [[nodiscard]] Cost elementwise(const Elementwise& work, double rows) const override;
  /// The widest-spread native format: what has no units of its own is converted to it, which saves bytes and no flops.
  [[nodiscard]] Precision compute_format(Precision weights) const override;
  [[nodiscard]] std::optional<std::string> refusal(LayerKind kind) const override;
  [[nodiscard]] std::shared_ptr<const DeviceModel> with_speed(Tier tier, double factor) const override;

 private:
  /// Books the energy of bytes of the stacked memory and of operations of the data path.
  void spend(Cost& cost, Affine bytes, Precision format, Affine flops) const;
  [[nodiscard]] FlopsPerSecond rate(Precision format) const;
  [[nodiscard]] const SlowPath* slow(LayerKind kind) const;

  DeviceInfo info_;
  Spec spec_;
  Precision native_ = Precision::fp8;  ///< of the formats with units, the one with the lowest rate
};

}  // namespace memwall
