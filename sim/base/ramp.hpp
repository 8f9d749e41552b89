// Fixed-point ramps: how long the cycles of a segment last, exact to 2^-24 picoseconds, in closed form.
#pragma once

#include <cstdint>

#include "sim/base/error.hpp"
#include "sim/base/time.hpp"

namespace memwall {

__extension__ typedef __int128 Int128;

/// Durations of successive cycles: cycle k lasts `first + k * step`, both in units of 2^-24 ps. Sums over cycles are
/// exact integers, so splitting a segment anywhere never changes a total. 2^-24 ps resolves the femtoseconds by which a
/// stage of a spatial machine grows in a cycle; 128 bits hold 10^8 s in that unit with 24 digits to spare.
struct Ramp {
  static constexpr int fraction_bits = 24;

  Int128 first = 0;
  Int128 step = 0;

  friend bool operator==(const Ramp&, const Ramp&) = default;
  friend Ramp operator+(Ramp a, Ramp b) { return {a.first + b.first, a.step + b.step}; }

  /// Length of cycle k.
  [[nodiscard]] Int128 at(std::int64_t k) const { return first + step * k; }
  /// Sum of the lengths of cycles 0 .. k-1.
  [[nodiscard]] Int128 sum(std::int64_t k) const { return first * k + step * (static_cast<Int128>(k) * (k - 1) / 2); }
  /// The same ramp counted from cycle k on.
  [[nodiscard]] Ramp from(std::int64_t k) const { return {at(k), step}; }

  /// The door from a price in double seconds to fixed point. Rounds to nearest, halves away from zero.
  [[nodiscard]] static Int128 fixed(double seconds) {
    law(seconds > -1e9 && seconds < 1e9, "a price is not a finite number of seconds below 10^9");
    const double scaled = seconds * 1e12 * static_cast<double>(1 << fraction_bits);
    const double rounded = scaled < 0 ? scaled - 0.5 : scaled + 0.5;
    // Below half a second the number fits 64 bits, whose conversion is one instruction.
    if (rounded > -9e18 && rounded < 9e18) return static_cast<std::int64_t>(rounded);
    return static_cast<Int128>(rounded);
  }
};

/// Picoseconds in a non-negative fixed-point length, rounded down.
[[nodiscard]] inline std::int64_t whole_ps(Int128 fixed) {
  return static_cast<std::int64_t>(fixed >> Ramp::fraction_bits);
}

/// The boundaries of a segment's cycles: t(k) = origin + floor(sum of the first k lengths).
struct SegmentClock {
  Time origin;
  Ramp length;

  /// Start of cycle k, which is also the end of cycle k-1.
  [[nodiscard]] Time boundary(std::int64_t k) const { return {origin.ps + whole_ps(length.sum(k))}; }

  /// The smallest k in [0, limit] whose boundary is at or after `when`; `limit` when none before it is. O(log limit).
  [[nodiscard]] std::int64_t first_boundary_at_or_after(Time when, std::int64_t limit) const {
    std::int64_t low = 0;
    std::int64_t high = limit;
    while (low < high) {
      const std::int64_t middle = low + (high - low) / 2;
      if (boundary(middle) >= when) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /// How many of the boundaries 1 .. limit have passed at `now`, one exactly at `now` included. O(log limit).
  [[nodiscard]] std::int64_t passed(Time now, std::int64_t limit) const {
    return first_boundary_at_or_after(Time{now.ps + 1}, limit + 1) - 1;
  }
};

}  // namespace memwall
