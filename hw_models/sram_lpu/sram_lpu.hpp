// Chips that hold everything in SRAM and run one static schedule: weights, caches and activations stay, tokens move
// from chip to chip. docs/models/sram_lpu.md has the formulas, their sources and their known errors.
#pragma once

#include <memory>

#include "hw_models/common/on_chip.hpp"

namespace memwall {

class SramLpu final : public OnChipDevice {
 public:
  /// What a schedule and the links between chips cost.
  struct Fabric {
    double node_devices = 1;   ///< chips that all have a link to each other
    Seconds hop;               ///< from a chip's SRAM into the next one's, over one link
    BytesPerSecond link;       ///< of one chip to one other, one direction
    Seconds operator_latency;  ///< from the first input of a matrix operator to its first output
    double prompt_slot_tokens = 1;
  };

  SramLpu(DeviceInfo info, double achieved, Fabric fabric);
  [[nodiscard]] const Fabric& fabric() const { return fabric_; }
  static std::unique_ptr<DeviceModel> make(Reader& reader, DeviceInfo info);

  [[nodiscard]] double places(double devices, double layers) const override;
  [[nodiscard]] double devices_per_layer(double devices, double layers) const override;
  [[nodiscard]] Seconds operator_latency(double devices_per_layer) const override;
  [[nodiscard]] Seconds exchange(Bytes payload, double devices_per_layer) const override;
  [[nodiscard]] Seconds hand_overs(Bytes payload, double devices, double layers) const override;
  [[nodiscard]] double prompt_slot_tokens() const override { return fabric_.prompt_slot_tokens; }

 private:
  [[nodiscard]] std::shared_ptr<const DeviceModel> rebuilt(DeviceInfo info, double achieved,
                                                           double factor) const override;
  Fabric fabric_;
};

}  // namespace memwall
