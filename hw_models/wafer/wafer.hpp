// A wafer full of small cores, each with its own SRAM, joined by a mesh. Each layer has a region of cores and its
// weights stay there. docs/models/wafer.md has the formulas, their sources and their known errors.
#pragma once

#include <memory>

#include "hw_models/common/on_chip.hpp"

namespace memwall {

class Wafer final : public OnChipDevice {
 public:
  struct Fabric {
    double cores = 1;           ///< on a wafer
    Seconds hop;                ///< a core's step on the way of a product through the mesh: move, add, pass on
    BytesPerSecond wafer_link;  ///< from a wafer to the next one
    Seconds wafer_latency;      ///< of that link
    double prompt_slot_tokens = 1;
  };

  Wafer(DeviceInfo info, double achieved, Fabric fabric);
  [[nodiscard]] const Fabric& fabric() const { return fabric_; }
  static std::unique_ptr<DeviceModel> make(Reader& reader, DeviceInfo info);

  [[nodiscard]] double places(double devices, double layers) const override;
  [[nodiscard]] double devices_per_layer(double devices, double layers) const override;
  [[nodiscard]] Seconds operator_latency(double devices_per_layer) const override;
  [[nodiscard]] Seconds exchange(Bytes payload, double devices_per_layer) const override;
  [[nodiscard]] Seconds hand_overs(Bytes payload, double devices, double layers) const override;
  [[nodiscard]] const MemoryTier* weight_store() const override {
    return info().further.empty() ? nullptr : &info().further.front();
  }
  [[nodiscard]] double prompt_slot_tokens() const override { return fabric_.prompt_slot_tokens; }

 private:
  [[nodiscard]] std::shared_ptr<const DeviceModel> rebuilt(DeviceInfo info, double achieved,
                                                           double factor) const override;
  /// Cores along one side of the region that works on a layer.
  [[nodiscard]] double side(double devices_per_layer) const;

  Fabric fabric_;
};

}  // namespace memwall
