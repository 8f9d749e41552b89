#include "hw_models/common/routing.hpp"

#include <algorithm>

#include "sim/base/math.hpp"

namespace memwall {

double distinct_experts(double experts, double rows_per_token, double tokens) {
  if (experts <= 0) return 0;
  const double missed_by_one = 1 - std::min(1.0, rows_per_token / experts);
  return experts * (1 - math::pow(missed_by_one, tokens));
}

}  // namespace memwall
