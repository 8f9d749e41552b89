#include "tools/plan/goodput.hpp"

#include <algorithm>

#include "sim/base/error.hpp"

namespace memwall::tools::plan {
namespace {

/// A miss may lie so far above the rate that passes, as a ratio.
constexpr double close_enough = 1.005;
/// Beyond the rate that is answered so many steps of this ratio must miss.
constexpr int looked_beyond = 12;
constexpr double step_beyond = 1.0025;
/// Rates below this share of capacity are not looked at: there, a request never meets another one.
constexpr double least_share = 1e-4;

}  // namespace

void require_rate(const Traffic& traffic, const std::string& what) {
  if (traffic.closed_loop)
    throw InputError(what + " needs a rate of arrivals, and this workload waits for its answers");
  if (!traffic.requests_per_s) throw InputError(what + " needs a rate of arrivals, and all requests arrive at once");
}

HighestRate goodput(const Base& base, const Layout& layout, std::int64_t replicas, const Feasible& found,
                    const Traffic& traffic, const Demands& demands) {
  require_rate(traffic, "goodput");
  HighestRate out;
  const auto passes = [&](double factor) {
    Trial trial = try_fleet(base, {&layout, replicas, factor}, demands);
    ++out.runs;
    if (trial.passed()) {
      if (factor > out.factor) out.at = std::move(trial);
      out.factor = std::max(out.factor, factor);
      return true;
    }
    const bool nearer = out.above_factor <= out.factor || factor < out.above_factor;
    if (nearer && factor > out.factor) {
      out.above = std::move(trial);
      out.above_factor = factor;
    }
    return false;
  };
  const double full = found.capacity->requests_per_s * static_cast<double>(replicas) / *traffic.requests_per_s;
  double high = full;
  // Where prompts are found in a cache the estimate is a bound that may lie high, else it is the load itself.
  while (passes(high)) high *= 2;
  double low = out.factor;
  for (double next = high / 2; low == 0; next /= 2) {
    if (next < full * least_share) return out;
    (passes(next) ? low : high) = next;
  }
  while (high / low > close_enough) {
    const double middle = (low + high) / 2;
    (passes(middle) ? low : high) = middle;
  }
  // Quantiles of a run jump a little from rate to rate, so that some rates above a miss may pass.
  for (int steps = 0; steps < looked_beyond; ++steps) {
    high *= step_beyond;
    if (passes(high)) steps = -1;
  }
  out.requests_per_s = out.factor * *traffic.requests_per_s;
  return out;
}

}  // namespace memwall::tools::plan
