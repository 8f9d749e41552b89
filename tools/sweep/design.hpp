// Which points a sweep has: the parameters of each.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/sweep/axis.hpp"

namespace memwall::tools::sweep {

enum class DesignKind : std::uint8_t {
  grid,    ///< every combination; the last axis runs fastest
  random,  ///< each value drawn evenly from its axis, on its own
  latin    ///< Latin hypercube: each axis cut into as many equal strata as there are points, and each taken once
};

/// What a point changes in the scenario: a place and what stands there, as a user would write it.
struct Parameter {
  std::string pointer;
  std::string value;
};
using Parameters = std::vector<Parameter>;

struct Design {
  DesignKind kind = DesignKind::grid;
  std::int64_t points = 0;  ///< of random and latin
  std::uint64_t seed = 1;   ///< of random and latin

  [[nodiscard]] std::string name() const;
};

/// The kind by its name; throws InputError.
[[nodiscard]] DesignKind design_kind(const std::string& name);

/// The parameters of every point, in the order of the axes. Draws depend on the seed, the axis and the point alone
/// (McKay, Beckman, Conover: A comparison of three methods for selecting values of input variables, 1979). Throws
/// InputError for an axis that does not suit the design, for no points and for more than a million.
[[nodiscard]] std::vector<Parameters> points_of(const Design& design, const std::vector<Axis>& axes);

}  // namespace memwall::tools::sweep
