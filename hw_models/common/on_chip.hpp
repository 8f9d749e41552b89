// Prices of work on a device whose weights, caches and activations all live in its own SRAM.
#pragma once

#include "sim/hw/device.hpp"

namespace memwall {

/// Every operator takes the longer of reading its bytes and doing its arithmetic, and nothing else: no launches, no
/// tiles, no host. What the machine's fabric adds is the mechanism's own (SpatialModel).
class OnChipDevice : public DeviceModel, public SpatialModel {
 public:
  /// `achieved` is the share of the peak matrix rate that a schedule reaches.
  OnChipDevice(DeviceInfo info, double achieved);

  [[nodiscard]] const DeviceInfo& info() const override { return info_; }
  [[nodiscard]] double achieved() const { return achieved_; }
  [[nodiscard]] const SpatialModel* spatial() const override { return this; }
  [[nodiscard]] Cost gemm(const Gemm& work, double rows) const override;
  [[nodiscard]] Cost experts(const Experts& work, double tokens) const override;
  [[nodiscard]] Cost decode_attention(const Attention& work, double sequences, Affine context) const override;
  [[nodiscard]] Cost prefill_attention(const Attention& work, const PrefillWork& amount) const override;
  [[nodiscard]] Cost recurrence(const Recurrence& work, double sequences, double rows) const override;
  [[nodiscard]] Cost elementwise(const Elementwise& work, double rows) const override;
  [[nodiscard]] Precision compute_format(Precision weights) const override;
  [[nodiscard]] std::shared_ptr<const DeviceModel> with_speed(Tier tier, double factor) const override;

 private:
  /// The same machine with other facts and another share of its peak, all times of its fabric divided by `factor`.
  [[nodiscard]] virtual std::shared_ptr<const DeviceModel> rebuilt(DeviceInfo info, double achieved,
                                                                   double factor) const = 0;
  [[nodiscard]] Cost price(Affine bytes, Affine flops, Precision compute) const;

  DeviceInfo info_;
  double achieved_;
};

/// Faults of an on-chip device's file: a rate for fp16 or bf16 must be there. Returns whether there are none.
bool check_on_chip(Reader& reader, const DeviceInfo& info);

}  // namespace memwall
