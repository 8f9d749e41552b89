// One accelerator as a pure function: work in, price out. A device knows no clock, no model and no request.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sim/base/affine.hpp"
#include "sim/base/quantity.hpp"
#include "sim/base/reader.hpp"
#include "sim/hw/cost.hpp"
#include "sim/hw/device_info.hpp"
#include "sim/hw/operators.hpp"
#include "sim/hw/precision.hpp"
#include "sim/hw/spatial.hpp"

namespace memwall {

/// What a mechanism must be able to price. Row, sequence and token counts are those of one cycle; `context` grows with
/// it. Every method is pure, never negative, and does not shrink when the work grows.
class DeviceModel {
 public:
  virtual ~DeviceModel() = default;

  [[nodiscard]] virtual const DeviceInfo& info() const = 0;

  [[nodiscard]] virtual Cost gemm(const Gemm& work, double rows) const = 0;
  [[nodiscard]] virtual Cost experts(const Experts& work, double tokens) const = 0;
  /// One new token for each of `sequences`, over `context` cached tokens in all.
  [[nodiscard]] virtual Cost decode_attention(const Attention& work, double sequences, Affine context) const = 0;
  [[nodiscard]] virtual Cost prefill_attention(const Attention& work, const PrefillWork& amount) const = 0;
  /// `rows` tokens of `sequences`; each sequence's state is read and written once.
  [[nodiscard]] virtual Cost recurrence(const Recurrence& work, double sequences, double rows) const = 0;
  [[nodiscard]] virtual Cost elementwise(const Elementwise& work, double rows) const = 0;

  /// How layers lie on several of these devices, where they are laid out in space; null where the devices of a replica
  /// run the layers together, one after another.
  [[nodiscard]] virtual const SpatialModel* spatial() const { return nullptr; }

  /// The format in which this device multiplies weights of the given format: itself where native, else what it is
  /// converted to. Conversion saves bytes and no flops.
  [[nodiscard]] virtual Precision compute_format(Precision weights) const = 0;

  /// The format in which this device holds weights of the given format. Differs where weights are converted when they
  /// are loaded, because the device has no way to read others.
  [[nodiscard]] virtual Precision stored_format(Precision weights) const { return weights; }

  /// Why the device cannot run a kind of layer, as a sentence for the user; nothing where it can.
  [[nodiscard]] virtual std::optional<std::string> refusal(LayerKind) const { return std::nullopt; }

  /// Of the weights that one device holds, how many bytes lie in other memories than `DeviceInfo::memory`.
  [[nodiscard]] virtual Bytes weights_elsewhere(Bytes) const { return {}; }

  /// The same device with so many bytes of weights laid out on it, where prices depend on which memory holds which
  /// share of them; nothing where they do not. A device that nothing was laid out on prices as if all weights lay in
  /// its slowest memory.
  [[nodiscard]] virtual std::shared_ptr<const DeviceModel> holding(Bytes) const { return nullptr; }

  /// The same device with only that share of its arithmetic units, the others being set aside for communication, 0 to
  /// 1; nothing where the mechanism cannot set some aside.
  [[nodiscard]] virtual std::shared_ptr<const DeviceModel> with_compute_share(double) const { return nullptr; }

  /// The same device, with the weights that were laid out on it, where everything that belongs to a tier goes `factor`
  /// times as fast and takes the same energy: what-if questions, and the counterfactual of the laws of attribution.
  /// Nothing where no time of the device can belong to the tier.
  [[nodiscard]] virtual std::shared_ptr<const DeviceModel> with_speed(Tier, double) const { return nullptr; }
};

/// One row of the table of mechanisms.
struct Mechanism {
  std::string_view name;
  std::string_view summary;  ///< one sentence for the catalogue
  /// Reads the mechanism's own keys of a device file. `info` holds what every device file has. Faults go to the reader.
  std::unique_ptr<DeviceModel> (*make)(Reader& reader, DeviceInfo info);
};

}  // namespace memwall
