// Sharing a whole number of picoseconds among tiers in proportion to exact parts.
#pragma once

#include "sim/base/ramp.hpp"
#include "sim/base/tier.hpp"
#include "sim/base/time.hpp"

namespace memwall {

/// Splits `total` among tiers whose exact fixed-point parts add up to within less than a picosecond of it, by largest
/// remainder: each tier gets its part rounded down, and the picoseconds left over go one each to the largest fractions,
/// ties to the earlier tier. So the result adds up to `total` and no tier is off by a picosecond or more. (Parts are
/// the critical times between two boundaries of a segment; boundaries are rounded down, hence the difference to
/// `total`.) Throws LogicError when the parts are further away.
[[nodiscard]] TierArray<Duration> apportion(Duration total, const TierArray<Int128>& parts);

}  // namespace memwall
