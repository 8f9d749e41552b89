#include "sim/llm/interleave.hpp"

#include <algorithm>

#include "sim/base/error.hpp"

namespace memwall {
namespace {

Line larger_line(const Line& a, const Line& b) {
  return b.value > a.value || (b.value == a.value && b.slope > a.slope) ? b : a;
}

/// What the stage does in a cycle: it serves all parts, or it is held by one part longer than serving all of them
/// takes.
Cost busy_of(const Stage& stage, double parts) {
  Cost out = stage.visit;
  const Cost all = stage.occupancy.times(parts);
  all.each_used([&](std::size_t i) { out.busy.at[i] = larger_line(out.busy.at[i], all.busy.at[i]); });
  return out;
}

}  // namespace

Interleaved interleave(std::span<const Stage> stages, double parts, double layers) {
  law(!stages.empty() && parts >= 1 && layers >= 1, "parts of a batch take turns on at least one stage");
  Cost trip;
  Cost busy;
  const Stage* busiest = &stages.front();
  std::int64_t horizon = Affine::forever;
  for (const Stage& stage : stages) {
    trip += stage.visit;
    busy.hide(busy_of(stage, parts));
    const Contest contest = larger(busiest->occupancy.total(), stage.occupancy.total());
    if (!contest.first_wins) busiest = &stage;
    horizon = std::min(horizon, contest.horizon);
  }
  const Cost served = busiest->occupancy.times(parts);
  const Contest contest = larger(trip.total(), served.total());
  horizon = std::min({horizon, contest.horizon, trip.horizon});

  Interleaved out;
  out.cycle = contest.first_wins ? trip : served;
  out.cycle.set_busy(busy);
  out.cycle.horizon = horizon;
  // Whatever sets the time, every part takes its energy at every stage.
  out.cycle.spend_like(trip, parts);
  // One part alone is through when the cycle ends; rounding must not make that a negative time.
  Cost rest = contest.first_wins ? busiest->occupancy.times(parts - 1) : trip.add(busiest->occupancy, -1);
  if (parts > 1 && rest.total().value > 0) out.fill = rest.times(1 / layers);
  out.fill.spend_like({}, 0);
  out.fill.horizon = horizon;
  return out;
}

}  // namespace memwall
