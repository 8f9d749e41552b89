#include "sim/metrics/apportion.hpp"

#include "sim/base/error.hpp"

namespace memwall {

TierArray<Duration> apportion(Duration total, const TierArray<Int128>& parts) {
  constexpr Int128 one_ps = static_cast<Int128>(1) << Ramp::fraction_bits;
  TierArray<Duration> out;
  std::array<Int128, tier_count> fraction{};
  Int128 sum = 0;
  std::int64_t left = total.ps;
  for (std::size_t i = 0; i < tier_count; ++i) {
    if (parts.at[i] == 0) continue;
    sum += parts.at[i];
    out.at[i].ps = whole_ps(parts.at[i]);
    fraction[i] = parts.at[i] & (one_ps - 1);
    left -= out.at[i].ps;
  }
  const Int128 off = (static_cast<Int128>(total.ps) << Ramp::fraction_bits) - sum;
  law(off > -one_ps && off < one_ps, "the parts of a duration do not add up to it");

  // At most one picosecond a tier with a fraction is left, because |off| < 1 ps.
  for (; left > 0; --left) {
    std::size_t largest = 0;
    for (std::size_t i = 1; i < tier_count; ++i) {
      if (fraction[i] > fraction[largest]) largest = i;
    }
    law(fraction[largest] > 0, "more picoseconds are left over than there are fractions");
    ++out.at[largest].ps;
    fraction[largest] = 0;
  }
  law(left == 0, "the whole parts of a duration exceed it");
  return out;
}

}  // namespace memwall
