// A rate of arrivals that changes with time, and a clock that runs at that rate.
#pragma once

#include <cstddef>
#include <vector>

#include "sim/base/quantity.hpp"
#include "sim/base/time.hpp"

namespace memwall {

/// That long after a moment; Time::never() past the end of simulated time.
[[nodiscard]] Time later(Time from, Seconds gap);

/// From one rate to another: along a straight line, or by equal factors in equal times (then both are above 0).
struct RatePiece {
  Seconds duration;
  PerSecond from;
  PerSecond to;
  bool exponential = false;
};

/// What follows the last piece: the first one again, its last rate for ever, or nothing.
enum class AfterCurve { repeats, holds, ends };

struct RateCurve {
  std::vector<RatePiece> pieces;
  AfterCurve after = AfterCurve::ends;
};

/// Arrivals that are expected while the piece lasts: the area under it.
[[nodiscard]] double expected_arrivals(const RatePiece& piece);

/// Arrivals that are expected from all pieces together.
[[nodiscard]] double expected_arrivals(const RateCurve& curve);

/// Operational time: it advances by one for each arrival that the curve lets expect, so that a process of rate 1 in it
/// is a process of the curve's rate in time (Cinlar, Introduction to stochastic processes, 1975, section 4.7).
class RateClock {
 public:
  /// A curve that repeats must have an area above 0.
  explicit RateClock(RateCurve curve);

  /// Moves on by `arrivals` expected ones and answers the moment; Time::never() where the curve, or simulated time,
  /// ends before that.
  Time advance(double arrivals);

 private:
  bool next_piece(double& arrivals);

  RateCurve curve_;
  double period_area_ = 0;
  Seconds period_;
  std::size_t piece_ = 0;
  Time piece_start_;
  double offset_s_ = 0;  ///< inside the piece
};

}  // namespace memwall
