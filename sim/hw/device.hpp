// One accelerator as a pure function: work in, price out. A device knows no clock, no model and no request.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/affine.hpp"
#include "sim/base/basis.hpp"
#include "sim/base/quantity.hpp"
#include "sim/base/reader.hpp"
#include "sim/hw/cost.hpp"
#include "sim/hw/operators.hpp"
#include "sim/hw/precision.hpp"
#include "sim/hw/spatial.hpp"

namespace memwall {

/// The facts of a device that planning, capacity and money need, beside its prices of work.
struct DeviceInfo {
  std::string id;  ///< as scenarios name it
  std::string name;
  std::string mechanism;
  Sourced<Bytes> memory;              ///< what a process can allocate for weights, caches and activations, one device
  Tier memory_tier = Tier::hbm;       ///< where weights and caches live
  Sourced<BytesPerSecond> bandwidth;  ///< peak of that memory
  std::array<std::optional<Sourced<FlopsPerSecond>>, precision_count>
      peak;  ///< dense matrix rate by format; absent = not native
  /// How many times faster products run whose weights have zeros in a pattern that the device skips, by pattern.
  std::map<std::string, Sourced<double>> sparsity;
  std::optional<Sourced<Watts>> power;             ///< board power limit
  std::optional<Sourced<DollarsPerSecond>> price;  ///< rent of one device
  bool host_driven = true;  ///< a host schedules and launches every cycle, and takes time for that and for sampling
  std::int64_t default_max_num_batched_tokens = 0;  ///< what vLLM's API server chooses for this device
  std::int64_t default_max_num_seqs = 0;
  std::vector<Provenance> provenance;  ///< every number of the device's file
};

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
  /// `rows` tokens of `sequences`. A mechanism without numbers of its own streams the states as a product streams its
  /// weights.
  [[nodiscard]] virtual Cost recurrence(const Recurrence& work, double sequences, double rows) const {
    Gemm streamed;
    streamed.weights = work.state * (2 * sequences);
    streamed.activations_per_row = work.activations_per_row;
    streamed.flops_per_row = work.flops_per_row;
    return gemm(streamed, rows);
  }
  [[nodiscard]] virtual Cost elementwise(const Elementwise& work, double rows) const = 0;

  /// How layers lie on several of these devices, where they are laid out in space; null where the devices of a replica
  /// run the layers together, one after another.
  [[nodiscard]] virtual const SpatialModel* spatial() const { return nullptr; }

  /// The format in which this device multiplies weights of the given format: itself where native, else what it is
  /// converted to. Conversion saves bytes and no flops.
  [[nodiscard]] virtual Precision compute_format(Precision weights) const = 0;
};

/// One row of the table of mechanisms.
struct Mechanism {
  std::string_view name;
  std::string_view summary;  ///< one sentence for the catalogue
  /// Reads the mechanism's own keys of a device file. `info` holds what every device file has. Faults go to the reader.
  std::unique_ptr<DeviceModel> (*make)(Reader& reader, DeviceInfo info);
};

}  // namespace memwall
