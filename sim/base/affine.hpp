// The cost algebra: values that change linearly from cycle to cycle, with the number of cycles for which they stay
// exact.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace memwall {

/// `value + slope * k`, exact for cycles 0 <= k < horizon. The unit is the user's; prices are in seconds.
/// A product or quotient of two Affine values is not affine and therefore does not exist.
struct Affine {
  static constexpr std::int64_t forever = std::numeric_limits<std::int64_t>::max();

  double value = 0;
  double slope = 0;
  std::int64_t horizon = forever;

  [[nodiscard]] double at(std::int64_t k) const { return value + slope * static_cast<double>(k); }

  static Affine constant(double value) { return {value, 0, forever}; }

  friend Affine operator+(Affine a, Affine b) {
    return {a.value + b.value, a.slope + b.slope, std::min(a.horizon, b.horizon)};
  }
  friend Affine operator+(Affine a, double b) { return {a.value + b, a.slope, a.horizon}; }
  friend Affine operator*(Affine a, double factor) { return {a.value * factor, a.slope * factor, a.horizon}; }
  friend Affine operator*(double factor, Affine a) { return a * factor; }
  friend Affine operator/(Affine a, double divisor) { return {a.value / divisor, a.slope / divisor, a.horizon}; }
};

/// Cycles until a line that starts `gap` >= 0 behind closes in at `rate` > 0 per cycle: ceil of the crossing, at
/// least 1.
[[nodiscard]] inline std::int64_t cycles_until(double gap, double rate) {
  const double crossing = std::ceil(gap / rate);
  if (!(crossing < 9.0e18)) return Affine::forever;
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(crossing));
}

/// The outcome of comparing two lines: which one rules from k = 0 on, and for how many cycles.
struct Contest {
  bool first_wins;
  std::int64_t horizon;
};

/// Who is larger from k = 0 on. On a tie at k = 0 the larger slope wins, so that the winner is right for k > 0 too;
/// on a full tie the first does.
[[nodiscard]] inline Contest larger(Affine a, Affine b) {
  const bool first = a.value > b.value || (a.value == b.value && a.slope >= b.slope);
  const Affine& winner = first ? a : b;
  const Affine& loser = first ? b : a;
  std::int64_t horizon = std::min(a.horizon, b.horizon);
  if (loser.slope > winner.slope) {
    horizon = std::min(horizon, cycles_until(winner.value - loser.value, loser.slope - winner.slope));
  }
  return {first, horizon};
}

[[nodiscard]] inline Affine max(Affine a, Affine b) {
  const Contest contest = larger(a, b);
  Affine winner = contest.first_wins ? a : b;
  winner.horizon = contest.horizon;
  return winner;
}

[[nodiscard]] inline Affine min(Affine a, Affine b) {
  const Affine mirrored = max(a * -1.0, b * -1.0);
  return mirrored * -1.0;
}

/// One bend of a piecewise-linear table.
struct Knot {
  double work = 0;     ///< bytes, flops or tokens, as the table's owner says
  double seconds = 0;  ///< time for that work
};

/// Time against work: linear between knots, constant below the first, continued with the last piece's slope above the
/// last. Efficiencies are derived from it for display and never interpolated themselves, because time is what adds up.
class TimeTable {
 public:
  TimeTable() = default;
  /// Takes at least one knot, in rising order of work. Seconds are made non-decreasing; `lifted()` counts the knots
  /// that were changed, for the report. Throws LogicError when the order is wrong (readers check it first).
  explicit TimeTable(std::vector<Knot> knots);

  /// A table with one rate: time = work / rate.
  static TimeTable from_rate(double work_per_second);

  [[nodiscard]] double at(double work) const;
  [[nodiscard]] Affine at(Affine work) const;
  [[nodiscard]] std::span<const Knot> knots() const { return knots_; }
  [[nodiscard]] int lifted() const { return lifted_; }
  [[nodiscard]] bool empty() const { return knots_.empty(); }

 private:
  struct Piece {
    double seconds;  ///< at `from`
    double slope;    ///< seconds per unit of work
    double from;
    double until;
  };
  [[nodiscard]] const Piece& piece(double work, bool rising) const;

  std::vector<Knot> knots_;
  std::vector<Piece> pieces_;  ///< one more than knots: below the first, between, above the last
  int lifted_ = 0;
};

/// Sum over sequences of min(context, window), as a function of the cycle, for sequences that gain one token a cycle.
/// `growing_sum` and `growing` are over the sequences still below the window, `full` counts those at or above it, and
/// `longest_growing` is the largest context below the window: it reaches the window first and ends the piece.
[[nodiscard]] inline Affine window_sum(double growing_sum, std::int64_t growing, std::int64_t full, std::int64_t window,
                                       std::int64_t longest_growing) {
  const std::int64_t horizon = growing == 0 ? Affine::forever : std::max<std::int64_t>(1, window - longest_growing);
  return {growing_sum + static_cast<double>(full) * static_cast<double>(window), static_cast<double>(growing), horizon};
}

}  // namespace memwall
