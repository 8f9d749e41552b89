// Arithmetic inside the memory arrays: weights that lie in the arrays are multiplied where they are and are never read.
// What does not fit lies in a large slow memory and streams through. docs/models/in_memory.md has the formulas.
#pragma once

#include <memory>
#include <optional>

#include "sim/hw/device.hpp"

namespace memwall {

class ArrayMachine final : public DeviceModel {
 public:
  struct Spec {
    Seconds launch;                ///< fixed time of one operator of the static program
    MemoryTier arrays;             ///< where the arithmetic happens
    bool cache_in_arrays = false;  ///< whether caches share the arrays with the weights; else they lie beside them
    BytesPerSecond stream;         ///< reached by the large memory
    BytesPerSecond array_stream;   ///< reached where the arrays are read as a memory
    double compute = 1;            ///< share of the peak that products reach
    BytesPerSecond vector;         ///< of norms, activations and residual adds
  };

  /// Throws LogicError where `info` has none of the block formats.
  ArrayMachine(DeviceInfo info, Spec spec);

  static std::unique_ptr<DeviceModel> make(Reader& reader, DeviceInfo info);

  [[nodiscard]] const DeviceInfo& info() const override { return info_; }
  [[nodiscard]] const Spec& spec() const { return spec_; }
  /// Share of the weights that lies in the arrays.
  [[nodiscard]] double resident() const { return resident_; }
  void set_resident(double share) { resident_ = share; }

  [[nodiscard]] Cost gemm(const Gemm& work, double rows) const override;
  [[nodiscard]] Cost experts(const Experts& work, double tokens) const override;
  [[nodiscard]] Cost decode_attention(const Attention& work, double sequences, Affine context) const override;
  [[nodiscard]] Cost prefill_attention(const Attention& work, const PrefillWork& amount) const override;
  [[nodiscard]] Cost recurrence(const Recurrence& work, double sequences, double rows) const override;
  [[nodiscard]] Cost elementwise(const Elementwise& work, double rows) const override;

  /// The arrays multiply block-float formats alone: 8 bits for weights of more than 4, else 4 bits.
  [[nodiscard]] Precision compute_format(Precision weights) const override;
  [[nodiscard]] Precision stored_format(Precision weights) const override { return compute_format(weights); }
  [[nodiscard]] Bytes weights_elsewhere(Bytes weights) const override;
  [[nodiscard]] std::shared_ptr<const DeviceModel> holding(Bytes weights) const override;
  [[nodiscard]] std::shared_ptr<const DeviceModel> with_speed(Tier tier, double factor) const override;

 private:
  [[nodiscard]] FlopsPerSecond rate(Precision format) const;
  [[nodiscard]] Cost product(Bytes weights, Precision format, Flops flops) const;
  [[nodiscard]] Cost attention(Affine bytes, Affine flops) const;

  DeviceInfo info_;
  Spec spec_;
  double resident_ = 0;
};

}  // namespace memwall
