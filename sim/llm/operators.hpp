// The operators of one cycle on one rank of a deployment.
#pragma once

#include <variant>
#include <vector>

#include "sim/hw/operators.hpp"

namespace memwall {

/// What decides how many rows an operator has.
enum class Driver { tokens, sampled, attention };

struct Placed {
  double count = 1;  ///< executions in a cycle
  Driver driver = Driver::tokens;
  std::variant<Gemm, Experts, Attention, Elementwise, AllReduce> work;
};

}  // namespace memwall
