#include "workloads/generators/rate_curve.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/base/error.hpp"
#include "sim/base/math.hpp"

namespace memwall {
namespace {

/// By how much the logarithm of an exponential piece's rate grows in a second.
double growth(const RatePiece& piece) { return math::log(piece.to.value / piece.from.value) / piece.duration.value; }

double slope(const RatePiece& piece) {
  return std::isinf(piece.duration.value) ? 0 : (piece.to.value - piece.from.value) / piece.duration.value;
}

double rate_at(const RatePiece& piece, double offset_s) {
  if (piece.exponential) return piece.from.value * math::exp(growth(piece) * offset_s);
  return std::max(0.0, piece.from.value + slope(piece) * offset_s);
}

/// Area under the piece from an offset to its end.
double rest_of(const RatePiece& piece, double offset_s) {
  if (piece.exponential) return (piece.to.value - rate_at(piece, offset_s)) / growth(piece);
  const double left = piece.duration.value - offset_s;
  const double rates = rate_at(piece, offset_s) + piece.to.value;
  return rates == 0 ? 0 : rates / 2 * left;
}

/// Seconds from an offset until the area under the piece is `area`, which is not more than its rest.
double seconds_until(const RatePiece& piece, double offset_s, double area) {
  const double rate = rate_at(piece, offset_s);
  if (piece.exponential) {
    const double k = growth(piece);
    return math::log(1 + k * area / rate) / k;
  }
  // The root of rate x + slope x^2 / 2 = area in the form that loses no digits to a small slope.
  return 2 * area / (rate + std::sqrt(std::max(0.0, rate * rate + 2 * slope(piece) * area)));
}

}  // namespace

Time later(Time from, Seconds gap) {
  constexpr double clock_s = 9.2e6;
  // Whole picoseconds of both are below 2^63, so their sum does not wrap around as an unsigned number.
  if (from == Time::never() || !(gap.value <= clock_s)) return Time::never();
  const auto sum = static_cast<std::uint64_t>(from.ps) + static_cast<std::uint64_t>(Duration::from(gap).ps);
  return sum < static_cast<std::uint64_t>(Time::never().ps) ? Time{static_cast<std::int64_t>(sum)} : Time::never();
}

double expected_arrivals(const RatePiece& piece) { return rest_of(piece, 0); }

double expected_arrivals(const RateCurve& curve) {
  double sum = 0;
  for (const RatePiece& piece : curve.pieces) sum += expected_arrivals(piece);
  return sum;
}

RateClock::RateClock(RateCurve curve) : curve_(std::move(curve)) {
  for (RatePiece& piece : curve_.pieces) {
    if (piece.from == piece.to) piece.exponential = false;
    period_ += piece.duration;
  }
  period_area_ = expected_arrivals(curve_);
  law(curve_.after != AfterCurve::repeats || period_area_ > 0, "a rate that repeats must not always be 0");
  if (curve_.after == AfterCurve::holds && curve_.pieces.back().to.value > 0) {
    const PerSecond last = curve_.pieces.back().to;
    curve_.pieces.push_back({Seconds{std::numeric_limits<double>::infinity()}, last, last});
  }
}

bool RateClock::next_piece(double& arrivals) {
  piece_start_ = later(piece_start_, curve_.pieces[piece_].duration);
  offset_s_ = 0;
  if (++piece_ < curve_.pieces.size()) return true;
  if (curve_.after != AfterCurve::repeats) return false;
  piece_ = 0;
  // Whole periods are skipped at once, because a rare arrival may lie many of them ahead.
  const double whole = std::floor(arrivals / period_area_);
  piece_start_ = later(piece_start_, whole * period_);
  arrivals -= whole * period_area_;
  return piece_start_ != Time::never();
}

Time RateClock::advance(double arrivals) {
  while (piece_ < curve_.pieces.size()) {
    const RatePiece& piece = curve_.pieces[piece_];
    const double rest = rest_of(piece, offset_s_);
    if (arrivals < rest) {
      offset_s_ = std::min(piece.duration.value, offset_s_ + seconds_until(piece, offset_s_, arrivals));
      return later(piece_start_, Seconds{offset_s_});
    }
    arrivals -= rest;
    if (!next_piece(arrivals)) break;
  }
  return Time::never();
}

}  // namespace memwall
