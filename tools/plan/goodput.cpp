#include "tools/plan/goodput.hpp"

#include "sim/base/error.hpp"

namespace memwall::tools::plan {
namespace {

/// A miss may lie so far above the rate that passes, as a ratio.
constexpr double close_enough = 1.005;
/// Rates below this share of capacity are not looked at: there, a request never meets another one.
constexpr double least_share = 1e-4;

}  // namespace

void require_rate(const Traffic& traffic, const std::string& what) {
  if (traffic.closed_loop)
    throw InputError(what + " needs a rate of arrivals, and this workload waits for its answers");
  if (!traffic.requests_per_s) throw InputError(what + " needs a rate of arrivals, and all requests arrive at once");
}

Goodput goodput(const Base& base, const Layout& layout, std::int64_t replicas, const Feasible& found,
                const Traffic& traffic, const Demands& demands) {
  require_rate(traffic, "goodput");
  Goodput out;
  const auto passes = [&](double factor) {
    Trial trial = try_fleet(base, {&layout, replicas, factor}, demands);
    ++out.runs;
    const bool passed = trial.passed();
    (passed ? out.at : out.above) = std::move(trial);
    (passed ? out.factor : out.above_factor) = factor;
    return passed;
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
  out.requests_per_s = out.factor * *traffic.requests_per_s;
  return out;
}

}  // namespace memwall::tools::plan
