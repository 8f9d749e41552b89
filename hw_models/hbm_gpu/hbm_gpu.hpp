// A GPU with stacked memory: one kernel after another, each a fixed launch time and then the slower of moving its bytes
// and doing its arithmetic. docs/models/hbm_gpu.md has the formulas, their sources and their known errors.
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "hw_models/common/routing.hpp"
#include "sim/hw/device.hpp"

namespace memwall {

class HbmGpu final : public DeviceModel {
 public:
  template <class T>
  using ByFormat = std::array<std::optional<T>, precision_count>;

  /// How a GEMM with weights of one format reads memory.
  struct GemmStream {
    Seconds launch;
    BytesPerSecond bandwidth;
  };

  /// Attention of one new token a sequence, over a cache of one format.
  struct DecodeKernel {
    Seconds launch;               ///< what the shortest context takes
    TimeTable stream;             ///< seconds above `launch` against bytes of cache read
    double tile_tokens = 0;       ///< context that a sequence's thread blocks take time for even when it is shorter
    TimeTable tile;               ///< seconds above `launch` against bytes of cache that the tiles could hold
    FlopsPerSecond rate;          ///< of its arithmetic, which limits where many heads share a cache (MLA)
    double math_tile_tokens = 0;  ///< keys that each sequence's arithmetic pays for beyond its context
  };

  /// Attention of chunks of prompts, over a cache of one format.
  struct PrefillKernel {
    Seconds launch;
    TimeTable math;          ///< seconds above `launch` against flops, tiles included
    double tile_tokens = 0;  ///< keys that each query row pays for beyond its causal mask
  };

  /// Grouped products of routed experts, multiplied in one format.
  struct ExpertKernel {
    Seconds launch;  ///< of each of the products
    BytesPerSecond bandwidth;
    FlopsPerSecond rate;
    double tile_rows = 0;  ///< rows of padding for each expert that has any
  };

  /// Every table must have an entry for bf16, which also serves the formats that have none of their own.
  struct Spec {
    ByFormat<GemmStream> gemm;        ///< by format of the weights, then of the arithmetic
    ByFormat<TimeTable> math;         ///< GEMM seconds against flops, by format of the arithmetic
    ByFormat<DecodeKernel> decode;    ///< by format of the cache
    ByFormat<PrefillKernel> prefill;  ///< by format of the cache
    ByFormat<ExpertKernel> experts;   ///< by format of the arithmetic
    Seconds small_launch;             ///< of a norm, an activation, a residual add
    BytesPerSecond small_bandwidth;   ///< of plain streaming
  };

  /// Throws LogicError where a table of `spec` has no entry for bf16 or `info` neither a bf16 nor an fp16 rate.
  HbmGpu(DeviceInfo info, Spec spec);

  /// Reads the keys of the mechanism. Faults go to the reader; nullptr when they leave nothing to build.
  static std::unique_ptr<DeviceModel> make(Reader& reader, DeviceInfo info);

  [[nodiscard]] const DeviceInfo& info() const override { return info_; }
  [[nodiscard]] const Spec& spec() const { return spec_; }
  /// This GPU with a share of its multiprocessors.
  [[nodiscard]] HbmGpu slice(double share) const;
  /// This GPU with a tier `factor` times as fast, its energy bounded by the shorter times; nothing for tiers that no
  /// table has. with_speed() keeps the energy.
  [[nodiscard]] std::optional<HbmGpu> sped(Tier tier, double factor) const;

  [[nodiscard]] Cost gemm(const Gemm& work, double rows) const override;
  [[nodiscard]] Cost experts(const Experts& work, double tokens) const override;
  [[nodiscard]] Cost decode_attention(const Attention& work, double sequences, Affine context) const override;
  [[nodiscard]] Cost prefill_attention(const Attention& work, const PrefillWork& amount) const override;
  [[nodiscard]] Cost recurrence(const Recurrence& work, double sequences, double rows) const override;
  [[nodiscard]] Cost elementwise(const Elementwise& work, double rows) const override;
  [[nodiscard]] Precision compute_format(Precision weights) const override;
  [[nodiscard]] std::shared_ptr<const DeviceModel> with_compute_share(double share) const override;
  [[nodiscard]] std::shared_ptr<const DeviceModel> with_speed(Tier tier, double factor) const override;

 private:
  /// Books the energy of bytes of the stacked memory and of operations.
  void spend(Cost& cost, Affine bytes, Precision format, Affine flops) const;

  DeviceInfo info_;
  Spec spec_;
};

}  // namespace memwall
