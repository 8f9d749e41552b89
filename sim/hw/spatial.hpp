// What a machine says on which the layers of a model are laid out in space, beside its prices of work.
#pragma once

#include "sim/base/quantity.hpp"
#include "sim/hw/device_info.hpp"

namespace memwall {

/// Weights stay where they are and tokens travel: a slot, one decoding sequence's token or a few tokens of a prompt,
/// passes the places of the machine one after another, and other slots follow behind it. The prices of work are those
/// of one device (DeviceModel); a layer on several of them is priced as its equal share on one. What is here is the
/// time that neither bytes nor operations explain: tier `pipeline`. Pure.
class SpatialModel {
 public:
  virtual ~SpatialModel() = default;

  /// Places that can work on different slots at the same time, when `layers` layers lie on `devices` devices. At least
  /// 1, at most `layers`.
  [[nodiscard]] virtual double places(double devices, double layers) const = 0;
  /// Devices, or fractions of one, that work on a layer when it is its turn.
  [[nodiscard]] virtual double devices_per_layer(double devices, double layers) const = 0;
  /// From the first input of a matrix operator to its first output, on so many devices.
  [[nodiscard]] virtual Seconds operator_latency(double devices_per_layer) const = 0;
  /// The sum of partial results over the devices that share a layer, so many bytes on each.
  [[nodiscard]] virtual Seconds exchange(Bytes payload, double devices_per_layer) const = 0;
  /// All moves of a slot from device to device on its trip.
  [[nodiscard]] virtual Seconds hand_overs(Bytes payload, double devices, double layers) const = 0;
  /// Memory outside the device from which the weights of a layer can be brought while the layer before it runs; null
  /// where weights must stay on the devices. Its bandwidth is that of one device, and all devices can be sent the same
  /// bytes at once.
  [[nodiscard]] virtual const MemoryTier* weight_store() const { return nullptr; }
  /// Tokens of a prompt that travel together: as many as share one reading of the weights.
  [[nodiscard]] virtual double prompt_slot_tokens() const = 0;
};

}  // namespace memwall
