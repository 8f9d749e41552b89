#include "hw_models/hbm_gpu/achieved.hpp"

#include <string>

#include "hw_models/common/reading.hpp"

namespace memwall {
namespace {

constexpr auto bf16 = static_cast<std::size_t>(Precision::bf16);
constexpr auto fp16 = static_cast<std::size_t>(Precision::fp16);

/// How kernels of the measured relatives differ from a plain stream. Sizes of tiles: the H100 file, whose sources they
/// share. Experts: the same file's fit of its fused layers over its fit of GEMMs (launch 12 / 3.64 us, bandwidth 2.758
/// / 2.942 TB/s, rate 700 / 791 TFLOP/s), which on the B200 was the best estimate too.
constexpr double decode_tile_tokens = 160;
constexpr double decode_math_tile_tokens = 480;
constexpr double prefill_tile_tokens = 550;
constexpr double expert_tile_rows = 128;
constexpr double expert_launch = 12 / 3.64;
constexpr double expert_bandwidth = 2.758 / 2.942;
constexpr double expert_rate = 700.0 / 791.0;

}  // namespace

Achieved read_achieved(Reader& reader, const DeviceInfo& info) {
  Achieved out;
  reader.object("achieved", true, "in place of measured tables: what the chip makes of its peaks", [&](Reader& r) {
    out.launch = r.sourced<Seconds>("launch", "fixed time of one GEMM").value;
    out.bandwidth = read_share(r, "bandwidth", "share of the memory's peak when weights are streamed");
    r.object("compute", true, "share of the peak in large products, by format of the arithmetic", [&](Reader& formats) {
      for (std::size_t i = 0; i < precision_count; ++i) {
        const std::string_view format = precision_names[i];
        if (i == fp16 && info.peak[bf16]) continue;  // fp16 runs on the units of bf16
        if (formats.has(format)) out.compute[i] = read_share(formats, format, "of the dense peak");
        if (info.peak[i].has_value() != out.compute[i].has_value()) {
          formats.fault("", "must have \"" + std::string(format) + "\" if and only if \"peak\" has it");
        }
      }
    });
    out.attention_launch = r.sourced<Seconds>("attention_launch", "fixed time of one attention").value;
    out.attention_compute =
        read_share(r, "attention_compute", "share of the 16-bit peak in attention, padding included");
    out.small_launch = r.sourced<Seconds>("small_launch", "of a norm, an activation, a residual add").value;
  });
  return out;
}

HbmGpu::Spec derived_spec(const DeviceInfo& info, const Achieved& achieved) {
  HbmGpu::Spec spec;
  const BytesPerSecond bandwidth = info.bandwidth.value * achieved.bandwidth;
  spec.gemm[bf16] = {achieved.launch, bandwidth};
  for (std::size_t i = 0; i < precision_count; ++i) {
    // A file that names one without the other is a fault that the reader has told already.
    if (!achieved.compute[i] || !info.peak[i]) continue;
    const FlopsPerSecond rate = info.peak[i]->value * *achieved.compute[i];
    // The tables keep what serves every format under bf16, on chips that multiply fp16 in its place too.
    const std::size_t entry = i == fp16 ? bf16 : i;
    spec.math[entry] = TimeTable::from_rate(rate.value);
    spec.experts[entry] = {achieved.launch * expert_launch, bandwidth * expert_bandwidth, rate * expert_rate,
                           expert_tile_rows};
  }
  const FlopsPerSecond wide = (info.peak[bf16] ? info.peak[bf16] : info.peak[fp16])->value;
  const FlopsPerSecond attention = wide * achieved.attention_compute;
  HbmGpu::DecodeKernel decode;
  decode.launch = achieved.attention_launch;
  decode.stream = decode.tile = TimeTable::from_rate(bandwidth.value);
  decode.tile_tokens = decode_tile_tokens;
  decode.rate = attention;
  decode.math_tile_tokens = decode_math_tile_tokens;
  spec.decode[bf16] = decode;
  spec.prefill[bf16] = {achieved.attention_launch, TimeTable::from_rate(attention.value), prefill_tile_tokens};
  spec.small_launch = achieved.small_launch;
  spec.small_bandwidth = bandwidth;
  return spec;
}

}  // namespace memwall
