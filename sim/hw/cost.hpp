// The price of work on one chip: time on every tier, and which part of it was critical.
#pragma once

#include <cstdint>

#include "sim/base/affine.hpp"
#include "sim/base/tier.hpp"

namespace memwall {

/// `value + slope * k` seconds; the horizon is kept once for the whole Cost.
struct Line {
  double value = 0;
  double slope = 0;
};

/// Seconds by tier as functions of the cycle. `critical` times add up to the duration; `busy` also counts what
/// overlapped behind something slower. Every rule below keeps that split true: a tier has critical time if and only if
/// speeding it up would shorten the whole.
class Cost {
 public:
  TierArray<Line> critical;
  TierArray<Line> busy;
  std::int64_t horizon = Affine::forever;

  /// Time that nothing overlaps.
  Cost& then(Tier tier, Affine seconds) {
    add(critical[tier], seconds);
    add(busy[tier], seconds);
    horizon = std::min(horizon, seconds.horizon);
    return *this;
  }

  /// Two tiers that work side by side: the slower one is critical. Returns who that was.
  Tier race(Tier a, Affine time_a, Tier b, Affine time_b) {
    const Contest contest = larger(time_a, time_b);
    const Tier winner = contest.first_wins ? a : b;
    add(critical[winner], contest.first_wins ? time_a : time_b);
    add(busy[a], time_a);
    add(busy[b], time_b);
    horizon = std::min(horizon, contest.horizon);
    return winner;
  }

  /// The same with three tiers.
  Tier race(Tier a, Affine time_a, Tier b, Affine time_b, Tier c, Affine time_c) {
    const Contest first = larger(time_a, time_b);
    Affine leading = first.first_wins ? time_a : time_b;
    leading.horizon = first.horizon;
    const Contest second = larger(leading, time_c);
    const Tier winner = !second.first_wins ? c : first.first_wins ? a : b;
    add(critical[winner], second.first_wins ? leading : time_c);
    add(busy[a], time_a);
    add(busy[b], time_b);
    add(busy[c], time_c);
    horizon = std::min(horizon, second.horizon);
    return winner;
  }

  /// One piece of work after another.
  Cost& operator+=(const Cost& other) {
    for (std::size_t i = 0; i < tier_count; ++i) {
      add(critical.at[i], other.critical.at[i]);
      add(busy.at[i], other.busy.at[i]);
    }
    horizon = std::min(horizon, other.horizon);
    return *this;
  }

  /// The same work `count` times.
  [[nodiscard]] Cost times(double count) const {
    Cost out = *this;
    for (std::size_t i = 0; i < tier_count; ++i) {
      scale(out.critical.at[i], count);
      scale(out.busy.at[i], count);
    }
    return out;
  }

  /// Two pieces of work side by side: the longer one keeps its critical times, the other is only busy.
  [[nodiscard]] static Cost beside(const Cost& a, const Cost& b) {
    const Contest contest = larger(a.total(), b.total());
    Cost out = contest.first_wins ? a : b;
    const Cost& hidden = contest.first_wins ? b : a;
    for (std::size_t i = 0; i < tier_count; ++i) add(out.busy.at[i], hidden.busy.at[i]);
    out.horizon = contest.horizon;
    return out;
  }

  /// The duration: the sum of the critical times.
  [[nodiscard]] Affine total() const {
    Affine sum{0, 0, horizon};
    for (const Line& line : critical.at) {
      sum.value += line.value;
      sum.slope += line.slope;
    }
    return sum;
  }

 private:
  static void add(Line& line, Affine seconds) { add(line, Line{seconds.value, seconds.slope}); }
  static void add(Line& line, Line other) {
    line.value += other.value;
    line.slope += other.slope;
  }
  static void scale(Line& line, double count) {
    line.value *= count;
    line.slope *= count;
  }
};

}  // namespace memwall
