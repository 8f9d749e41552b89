// Number formats of weights, caches and arithmetic.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace memwall {

enum class Precision : std::uint8_t {
  fp32,
  bf16,
  fp16,
  fp8,
  int8,
  mxfp4,
  nvfp4,
  int4,
  int4_g32,
  ternary,
  mxint8,
  mxint4
};

inline constexpr std::size_t precision_count = 12;
inline constexpr std::array<std::string_view, precision_count> precision_names = {
    "fp32", "bf16", "fp16", "fp8", "int8", "mxfp4", "nvfp4", "int4", "int4_g32", "ternary", "mxint8", "mxint4"};
constexpr std::string_view name(Precision precision) { return precision_names[static_cast<std::size_t>(precision)]; }

/// Bytes that one stored weight takes, scales included: FP8 has one 4-byte scale for each 128 x 128 block when it is
/// block scaled, which is under 0.03 % and left out; MXFP4 an 8-bit scale per 32 values; NVFP4 one per 16; INT4 a
/// 16-bit scale per group of 128, or of 32 as `int4_g32`; ternary weights are packed four to a byte (BitNet b1.58,
/// arXiv 2402.17764), with one scale a matrix; the MXINT formats an 8-bit exponent per 32 values (OCP Microscaling
/// Formats 1.0).
constexpr double bytes_per_weight(Precision precision) {
  switch (precision) {
    case Precision::fp32: return 4;
    case Precision::bf16:
    case Precision::fp16: return 2;
    case Precision::fp8:
    case Precision::int8: return 1;
    case Precision::mxfp4: return 4.25 / 8;
    case Precision::nvfp4: return 4.5 / 8;
    case Precision::int4: return 4.125 / 8;
    case Precision::int4_g32: return 4.5 / 8;
    case Precision::ternary: return 2.0 / 8;
    case Precision::mxint8: return 8.25 / 8;
    case Precision::mxint4: return 4.25 / 8;
  }
  return 0;
}

}  // namespace memwall
