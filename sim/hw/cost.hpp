// The price of work on one chip: time on every tier, which part of it was critical, and the energy of the work.
#pragma once

#include <bit>
#include <cstdint>

#include "sim/base/affine.hpp"
#include "sim/base/quantity.hpp"
#include "sim/base/tier.hpp"

namespace memwall {

/// `value + slope * k`, in seconds or joules; the horizon is kept once for the whole Cost.
struct Line {
  double value = 0;
  double slope = 0;
};

/// What a device may draw.
struct PowerLimit {
  Watts most;        ///< beside what it draws at any clock
  Watts with_clock;  ///< of that, drawn by a running device without work, in proportion to its clock
};

/// Seconds by tier as functions of the cycle. `critical` times add up to the duration; `busy` also counts what
/// overlapped behind something slower. Every rule below keeps that split true: a tier has critical time if and only if
/// speeding it up would shorten the whole. `joules` are what the work itself takes, booked where its bytes move and its
/// operations run: overlap hides time and never energy, so they only ever add up. What a device draws without work is
/// not in them, because it follows the clock (EnergyFacts).
class Cost {
 public:
  TierArray<Line> critical;
  TierArray<Line> busy;
  TierArray<Line> joules;
  std::int64_t horizon = Affine::forever;

  /// Time that nothing overlaps.
  Cost& then(Tier tier, Affine seconds) {
    add(critical[tier], seconds);
    add(busy[tier], seconds);
    use(tier);
    horizon = std::min(horizon, seconds.horizon);
    return *this;
  }

  /// Energy of work whose time is told by the other rules.
  Cost& spend(Tier tier, Affine energy) {
    add(joules[tier], energy);
    use(tier);
    horizon = std::min(horizon, energy.horizon);
    return *this;
  }

  /// Two tiers that work side by side: the slower one is critical. Returns who that was.
  Tier race(Tier a, Affine time_a, Tier b, Affine time_b) {
    const Contest contest = larger(time_a, time_b);
    const Tier winner = contest.first_wins ? a : b;
    add(critical[winner], contest.first_wins ? time_a : time_b);
    add(busy[a], time_a);
    add(busy[b], time_b);
    use(a);
    use(b);
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
    use(a);
    use(b);
    use(c);
    horizon = std::min(horizon, second.horizon);
    return winner;
  }

  /// One piece of work after another, the second one `count` times.
  Cost& add(const Cost& other, double count) {
    other.each_used([&](std::size_t i) {
      add(critical.at[i], other.critical.at[i], count);
      add(busy.at[i], other.busy.at[i], count);
      add(joules.at[i], other.joules.at[i], count);
    });
    used_ |= other.used_;
    horizon = std::min(horizon, other.horizon);
    return *this;
  }
  Cost& operator+=(const Cost& other) { return add(other, 1); }

  /// The same work `count` times.
  [[nodiscard]] Cost times(double count) const {
    Cost out;
    return out.add(*this, count);
  }

  /// The duration: the sum of the critical times.
  [[nodiscard]] Affine total() const {
    Affine sum{0, 0, horizon};
    each_used([&](std::size_t i) {
      sum.value += critical.at[i].value;
      sum.slope += critical.at[i].slope;
    });
    return sum;
  }

  /// The energy of all work.
  [[nodiscard]] Affine energy() const {
    Affine sum{0, 0, horizon};
    each_used([&](std::size_t i) {
      sum.value += joules.at[i].value;
      sum.slope += joules.at[i].slope;
    });
    return sum;
  }

  /// Takes the energy of `other`, `count` times, in place of its own: where the work that sets the time is not all of
  /// it.
  void spend_like(const Cost& other, double count) {
    each_used([&](std::size_t i) { joules.at[i] = {}; });
    other.each_used([&](std::size_t i) { add(joules.at[i], other.joules.at[i], count); });
    used_ |= other.used_;
    horizon = std::min(horizon, other.horizon);
  }

  /// For work whose time was measured under a limit of power: it cannot have taken more than the limit times that time.
  /// Where the sum of its parts says more, its operations ran at a lower clock and took less; bytes cost what they
  /// cost. Needs a limit above what the bytes alone draw.
  Cost& draw_at_most(Watts most) {
    const Affine sum = energy();
    const Affine limit = total() * most.value;
    const Contest contest = larger(sum, limit);
    horizon = contest.horizon;
    if (!contest.first_wins) return *this;
    Line& operations = joules[Tier::compute];
    operations.value = limit.value - (sum.value - operations.value);
    operations.slope = limit.slope - (sum.slope - operations.slope);
    return *this;
  }

  /// Adds work that runs behind this one and is not critical.
  void hide(const Cost& other) {
    other.each_used([&](std::size_t i) {
      add(busy.at[i], other.busy.at[i], 1);
      add(joules.at[i], other.joules.at[i], 1);
    });
    used_ |= other.used_;
  }

  /// The cycle may not draw more than the limit on average: where it would, its clock is lowered until it does not.
  /// Work takes the same energy at any clock, and so does what runs with the clock for as long as the cycle would have
  /// lasted:
  ///   time = (energy + with_clock x time at full clock) / most
  /// The first part is tier `power`; the second keeps the tiers of the full clock, since speeding them still helps.
  Cost& limit_power(const PowerLimit& limit) {
    const Affine full = total();
    const Affine energy_time = energy() / limit.most.value;
    const double kept = limit.with_clock / limit.most;
    const Affine limited = energy_time + full * kept;
    const Contest contest = larger(full, limited);
    horizon = contest.horizon;
    if (contest.first_wins) return *this;
    each_used([&](std::size_t i) { critical.at[i] = {critical.at[i].value * kept, critical.at[i].slope * kept}; });
    then(Tier::power, energy_time);
    // Over the longer time the clocked part draws less than its watts at full clock.
    add(joules[Tier::power], (full + limited * -1.0) * limit.with_clock.value);
    horizon = contest.horizon;
    return *this;
  }

  /// Tells anew what was busy, for work whose critical time is only a part of what the machine did meanwhile.
  void set_busy(const Cost& other) {
    busy = other.busy;
    used_ |= other.used_;
  }

  /// Other work that runs side by side with this one: the longer of the two is critical, the other one is hidden behind
  /// it. Changes in place, because every cycle is priced through it.
  Cost& beside(const Cost& other) {
    const Contest contest = larger(total(), other.total());
    if (contest.first_wins) {
      hide(other);
    } else {
      const Cost shorter = *this;
      *this = other;
      hide(shorter);
    }
    horizon = contest.horizon;
    return *this;
  }

  /// Calls `visit(i)` for each tier that has time, in tier order. Most work touches a handful of the tiers.
  template <class Visit>
  void each_used(Visit&& visit) const {
    for (std::uint32_t rest = used_; rest != 0; rest &= rest - 1)
      visit(static_cast<std::size_t>(std::countr_zero(rest)));
  }

 private:
  static void add(Line& line, Affine seconds) {
    line.value += seconds.value;
    line.slope += seconds.slope;
  }
  static void add(Line& line, const Line& other, double count) {
    line.value += other.value * count;
    line.slope += other.slope * count;
  }
  void use(Tier tier) { used_ |= std::uint32_t{1} << index(tier); }

  std::uint32_t used_ = 0;  ///< bit i: the tier at position i has time
};

}  // namespace memwall
