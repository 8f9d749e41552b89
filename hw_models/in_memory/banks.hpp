// Multipliers inside the banks of a stacked or graphics memory: every bank works at once on its own row, so a product
// of one vector reads at many times the bandwidth of the pins, and a product of m vectors takes m times as long,
// because a bank keeps nothing for the next vector. Host accesses wait meanwhile. docs/models/in_memory.md has the
// formulas.
#pragma once

#include <memory>
#include <optional>

#include "sim/hw/device.hpp"

namespace memwall {

class BankMachine final : public DeviceModel {
 public:
  struct Spec {
    BytesPerSecond banks;                ///< reached inside the banks, all of them at once
    FlopsPerSecond bank_rate;            ///< of the multipliers in the banks
    Seconds mode_switch;                 ///< into the mode in which banks compute and back
    BytesPerSecond pins;                 ///< reached by the host
    std::optional<FlopsPerSecond> host;  ///< of the host's products; absent: the host multiplies nothing
    Seconds host_launch;                 ///< fixed time of one operator on the host
  };

  BankMachine(DeviceInfo info, Spec spec) : info_(std::move(info)), spec_(spec) {}

  static std::unique_ptr<DeviceModel> make(Reader& reader, DeviceInfo info);

  [[nodiscard]] const DeviceInfo& info() const override { return info_; }
  [[nodiscard]] const Spec& spec() const { return spec_; }

  [[nodiscard]] Cost gemm(const Gemm& work, double rows) const override;
  [[nodiscard]] Cost experts(const Experts& work, double tokens) const override;
  [[nodiscard]] Cost decode_attention(const Attention& work, double sequences, Affine context) const override;
  [[nodiscard]] Cost prefill_attention(const Attention& work, const PrefillWork& amount) const override;
  [[nodiscard]] Cost recurrence(const Recurrence& work, double sequences, double rows) const override;
  [[nodiscard]] Cost elementwise(const Elementwise& work, double rows) const override;
  [[nodiscard]] Precision compute_format(Precision weights) const override;
  [[nodiscard]] std::shared_ptr<const DeviceModel> with_speed(Tier tier, double factor) const override;

 private:
  /// The faster of the two modes. `passes` is how often the banks read `once`; the host reads it once.
  [[nodiscard]] Cost better(Affine once, double passes, Affine flops, double activations) const;

  DeviceInfo info_;
  Spec spec_;
};

}  // namespace memwall
