// Several equal parts of a batch that take turns on several groups of resources: while one part is on one of them, the
// others are on the rest.
#pragma once

#include <span>

#include "sim/hw/cost.hpp"

namespace memwall {

/// One group of resources that every part visits in every layer. Both prices are sums over all layers.
struct Stage {
  Cost visit;      ///< of one part, from entering until leaving it
  Cost occupancy;  ///< of it, the time for which the part keeps the next one out; no tier has more than in `visit`
};

struct Interleaved {
  Cost cycle;  ///< from one start of the first part to its next
  Cost fill;   ///< from the end of that until the last part is through; what it needs is busy in `cycle` already
};

/// A part passes the stages `layers` times, always in the same order. With `parts` of them in flight a cycle lasts
///   max(trip of a part, parts x occupancy of the busiest stage)
/// and the last part is through min(trip, parts x busiest) - busiest later, of one layer. This is the exact answer for
/// equal layers (tests/laws/interleave_test.cpp plays it step by step). `stages` is not empty, `parts` and `layers` are
/// at least 1.
[[nodiscard]] Interleaved interleave(std::span<const Stage> stages, double parts, double layers);

}  // namespace memwall
