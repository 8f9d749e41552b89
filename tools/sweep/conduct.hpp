// A sweep from its points to its results.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tools/sweep/point.hpp"
#include "tools/sweep/store.hpp"
#include "tools/work/team.hpp"

namespace memwall::tools::sweep {

struct Sweep {
  Base base;
  std::vector<Parameters> points;  ///< by id
  Identity identity;
};

/// Puts the identity together.
[[nodiscard]] Sweep make_sweep(Base base, std::vector<Parameters> points, std::string design, std::string axes);

/// How the points of this run ended.
struct Tally {
  std::size_t before = 0;  ///< points that were there already
  std::size_t done = 0;
  std::size_t refused = 0;
  std::size_t defects = 0;
  TeamRun team;
};

/// Has the points that are not in the store done, and puts each there as it comes to an end.
Tally conduct(Team& team, const Sweep& sweep, std::size_t threads, Store& store);

}  // namespace memwall::tools::sweep
