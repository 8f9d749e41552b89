// The order of events: time, then rank, then owner. Nothing depends on who was inserted first.
#pragma once

#include <compare>
#include <cstdint>

#include "sim/base/time.hpp"

namespace memwall {

/// What happens first at one instant: results are visible before decisions, and a cycle starts after everything that
/// could join it.
enum class Rank : std::uint8_t { result, transfer, abort, arrival, routing, start };

struct EventKey {
  Time time;
  Rank rank = Rank::result;
  friend auto operator<=>(const EventKey&, const EventKey&) = default;
};

}  // namespace memwall
