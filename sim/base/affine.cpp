#include "sim/base/affine.hpp"

#include "sim/base/error.hpp"

namespace memwall {

TimeTable::TimeTable(std::vector<Knot> knots) : knots_(std::move(knots)) {
  law(!knots_.empty(), "a table of time against work needs a knot");
  for (std::size_t i = 1; i < knots_.size(); ++i) {
    law(knots_[i - 1].work < knots_[i].work, "the knots of a table of time against work must rise in work");
    if (knots_[i].seconds < knots_[i - 1].seconds) {
      knots_[i].seconds = knots_[i - 1].seconds;
      ++lifted_;
    }
  }
  constexpr double infinity = std::numeric_limits<double>::infinity();
  pieces_.push_back({knots_.front().seconds, 0, knots_.front().work, knots_.front().work});
  for (std::size_t i = 0; i + 1 < knots_.size(); ++i) {
    const double slope = (knots_[i + 1].seconds - knots_[i].seconds) / (knots_[i + 1].work - knots_[i].work);
    pieces_.push_back({knots_[i].seconds, slope, knots_[i].work, knots_[i + 1].work});
  }
  const double last_slope = pieces_.back().slope;
  pieces_.push_back({knots_.back().seconds, last_slope, knots_.back().work, infinity});
}

TimeTable TimeTable::from_rate(double work_per_second) { return TimeTable({{0, 0}, {work_per_second, 1}}); }

const TimeTable::Piece& TimeTable::piece(double work, bool rising) const {
  // At a knot the piece to the right is the exact one for growing work, the one to the left for shrinking work.
  std::size_t i = 0;
  if (rising) {
    while (i + 1 < pieces_.size() && work >= pieces_[i].until) ++i;
  } else {
    while (i + 1 < pieces_.size() && work > pieces_[i].until) ++i;
  }
  return pieces_[i];
}

double TimeTable::at(double work) const {
  const Piece& p = piece(work, true);
  return p.seconds + p.slope * (work - p.from);
}

Affine TimeTable::at(Affine work) const {
  const Piece& p = piece(work.value, work.slope >= 0);
  std::int64_t horizon = work.horizon;
  if (work.slope > 0 && std::isfinite(p.until)) {
    horizon = std::min(horizon, cycles_until(p.until - work.value, work.slope));
  } else if (work.slope < 0 && &p != &pieces_.front()) {
    horizon = std::min(horizon, cycles_until(work.value - p.from, -work.slope));
  }
  return {p.seconds + p.slope * (work.value - p.from), p.slope * work.slope, horizon};
}

}  // namespace memwall
