// Simulated time: points (Time) and lengths (Duration) in whole picoseconds, exact and totally ordered.
#pragma once

#include <compare>
#include <cstdint>

#include "sim/base/error.hpp"
#include "sim/base/quantity.hpp"

namespace memwall {

/// A length of simulated time in picoseconds. May be negative only as the difference of two points.
struct Duration {
  std::int64_t ps = 0;

  friend constexpr auto operator<=>(Duration, Duration) = default;
  [[nodiscard]] constexpr double seconds() const { return static_cast<double>(ps) * 1e-12; }

  /// The door from a length given by the user to simulated time, rounded to the nearest picosecond.
  /// Throws InputError for NaN, negative values and more than 106 days (the range of the clock).
  static Duration from(Seconds seconds) {
    if (!(seconds.value >= 0) || seconds.value > 9.2e6) {
      throw InputError("a time of " + std::to_string(seconds.value) +
                       " s is outside the simulated range of 0 to 106 days");
    }
    return {static_cast<std::int64_t>(seconds.value * 1e12 + 0.5)};
  }

  friend constexpr Duration operator+(Duration a, Duration b) { return {a.ps + b.ps}; }
  friend constexpr Duration operator-(Duration a, Duration b) { return {a.ps - b.ps}; }
};

/// A point in simulated time: picoseconds since the run's start.
struct Time {
  std::int64_t ps = 0;

  friend constexpr auto operator<=>(Time, Time) = default;
  [[nodiscard]] constexpr double seconds() const { return static_cast<double>(ps) * 1e-12; }

  friend constexpr Duration operator-(Time a, Time b) { return {a.ps - b.ps}; }
  friend Time operator+(Time a, Duration b) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(a.ps, b.ps, &sum)) {
      throw InputError(
          "simulated time passed 106 days, the range of the clock: shorten the run with `window` or `time_scale`");
    }
    return {sum};
  }

  static constexpr Time never() { return {INT64_MAX}; }
};

}  // namespace memwall
