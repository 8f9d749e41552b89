// A chip whose on-chip memory is placed by the compiler: weights lie in the scratchpad as far as they fit, the rest is
// fetched ahead from stacked memory into a second buffer, and caches live in the stacked memory. An array that can be
// split keeps busy at small batches. docs/models/scratchpad.md has the formulas.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "sim/hw/device.hpp"

namespace memwall {

class Scratchpad final : public DeviceModel {
 public:
  /// A systolic array that multiplies `rows` rows at once, or in parts that each take fewer.
  struct Array {
    double rows = 1;
    std::vector<double> splits;  ///< into how many parts it may be cut, 1 among them, rising
    double overhead = 0;         ///< share of its rate that a cut loses
  };

  struct Spec {
    MemoryTier sram;                  ///< the scratchpad
    double weights_share = 1;         ///< of the scratchpad, given to weights; the rest buffers
    BytesPerSecond sram_stream;       ///< reached
    BytesPerSecond stream;            ///< reached by the stacked memory
    std::optional<MemoryTier> spill;  ///< holds weights that do not fit beside the caches
    BytesPerSecond spill_stream;      ///< reached
    double spill_after = 1;           ///< share of the stacked memory that weights may take before they spill
    double compute = 1;               ///< share of the peak that a full array reaches
    std::optional<Array> array;       ///< absent: every batch finds the same rate
    Seconds launch;                   ///< fixed time of one program
    bool fused_layers = false;        ///< one program a layer; else one an operator
  };

  /// Throws LogicError where `info` has no peak at all.
  Scratchpad(DeviceInfo info, Spec spec);

  static std::unique_ptr<DeviceModel> make(Reader& reader, DeviceInfo info);

  [[nodiscard]] const DeviceInfo& info() const override { return info_; }
  [[nodiscard]] const Spec& spec() const { return spec_; }
  /// The same layout of weights with other numbers.
  [[nodiscard]] Scratchpad with(Spec spec) const;

  /// Share of the array's rate that a product of so many rows finds.
  [[nodiscard]] double utilisation(double rows) const;

  [[nodiscard]] Cost gemm(const Gemm& work, double rows) const override;
  [[nodiscard]] Cost experts(const Experts& work, double tokens) const override;
  [[nodiscard]] Cost decode_attention(const Attention& work, double sequences, Affine context) const override;
  [[nodiscard]] Cost prefill_attention(const Attention& work, const PrefillWork& amount) const override;
  [[nodiscard]] Cost recurrence(const Recurrence& work, double sequences, double rows) const override;
  [[nodiscard]] Cost elementwise(const Elementwise& work, double rows) const override;
  [[nodiscard]] Precision compute_format(Precision weights) const override;
  [[nodiscard]] Bytes weights_elsewhere(Bytes weights) const override;
  [[nodiscard]] std::shared_ptr<const DeviceModel> holding(Bytes weights) const override;
  [[nodiscard]] std::shared_ptr<const DeviceModel> with_speed(Tier tier, double factor) const override;

 private:
  /// Where a byte of weights lies, as shares.
  struct Layout {
    double sram = 0;
    double stacked = 1;
    double spilled = 0;
  };
  [[nodiscard]] Layout layout(Bytes weights) const;
  [[nodiscard]] FlopsPerSecond rate(Precision format) const;
  [[nodiscard]] Cost product(Bytes weights, Bytes activations, Flops flops, double rows, Precision format) const;
  [[nodiscard]] Cost launched(int programs) const;

  DeviceInfo info_;
  Spec spec_;
  Layout layout_;
  Precision native_ = Precision::bf16;  ///< of the formats with units, the one with the lowest rate
};

}  // namespace memwall
