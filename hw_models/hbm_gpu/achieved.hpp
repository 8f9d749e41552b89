// A GPU from its data sheet: the tables of a mechanism whose kernels nobody has published, derived from the peaks and
// from the shares of them that measured relatives reach.
#pragma once

#include "hw_models/hbm_gpu/hbm_gpu.hpp"

namespace memwall {

/// What a chip makes of its peaks.
struct Achieved {
  Seconds launch;                    ///< fixed time of a GEMM
  double bandwidth = 1;              ///< share of the memory's peak when weights are streamed
  HbmGpu::ByFormat<double> compute;  ///< share of the peak in large products, by format of the arithmetic
  Seconds attention_launch;          ///< fixed time of an attention kernel
  double attention_compute = 1;      ///< share of the 16-bit peak in attention, padded tiles included
  Seconds small_launch;              ///< of a norm, an activation, a residual add
};

/// Reads the object "achieved" of a device file. Faults go to the reader.
[[nodiscard]] Achieved read_achieved(Reader& reader, const DeviceInfo& info);

/// The tables that follow. Needs a 16-bit peak in `info`.
[[nodiscard]] HbmGpu::Spec derived_spec(const DeviceInfo& info, const Achieved& achieved);

}  // namespace memwall
