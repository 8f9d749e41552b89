// When requests arrive: processes that give one arrival after another.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <variant>

#include "sim/base/quantity.hpp"
#include "sim/base/random.hpp"
#include "sim/base/reader.hpp"
#include "sim/base/time.hpp"
#include "workloads/generators/rate_curve.hpp"

namespace memwall {

/// Gaps between arrivals are gamma with this mean and coefficient of variation: cv 1 is a Poisson process, more is
/// burstier, and vLLM's `burstiness` is 1 / cv^2. The first request comes after a gap too, as in vLLM's benchmark.
struct GammaArrivals {
  PerSecond rate{1};
  double cv = 1;
};

/// Gaps are Weibull with this mean and shape: below 1 is burstier than Poisson, which is shape 1.
struct WeibullArrivals {
  PerSecond rate{1};
  double shape = 1;
};

/// Request i (from 0) arrives at (i + 1) / rate.
struct ConstantArrivals {
  PerSecond rate{1};
};

/// A Poisson process whose rate is that of the present one of two states; a state lasts an exponential time with its
/// mean sojourn. Begins in a state drawn by how long each lasts.
struct Mmpp2Arrivals {
  std::array<PerSecond, 2> rates{};
  std::array<Seconds, 2> sojourns{};
};

/// Counts of successive windows are independent negative binomials with mean rate x window and this index of
/// dispersion (variance over mean), above 1; inside a window arrivals are uniform.
struct CountArrivals {
  PerSecond rate{1};
  Seconds window{1};
  double dispersion = 2;
};

/// A rate that follows a curve; in the curve's operational time the gaps are gamma with this coefficient of variation.
struct CurveArrivals {
  RateCurve curve;
  double cv = 1;
};

/// Arrivals that do not wait for anybody.
using OpenArrivals =
    std::variant<GammaArrivals, ConstantArrivals, WeibullArrivals, Mmpp2Arrivals, CountArrivals, CurveArrivals>;

/// So many clients, each with one request at a time: all begin at time 0, and each sends its next one when its last
/// ended, whatever its status, and the delay has passed.
struct ClosedLoop {
  std::int64_t concurrency = 1;
  Duration delay;
};

using Arrivals = std::variant<OpenArrivals, ClosedLoop>;

class ArrivalProcess {
 public:
  virtual ~ArrivalProcess() = default;
  /// The next arrival, not before the one before it; Time::never() from where the process, or simulated time, has
  /// ended.
  virtual Time next() = 0;
};

/// Draws are keyed by the seed and stream of `key` and the number of the arrival.
[[nodiscard]] std::unique_ptr<ArrivalProcess> arrival_process(const OpenArrivals& arrivals, const DrawKey& key);

/// How many arrive in a second on average, in the long run; 0 where arrivals end.
[[nodiscard]] PerSecond long_run_rate(const OpenArrivals& arrivals);

/// Whether arrivals end by themselves.
[[nodiscard]] bool ends(const Arrivals& arrivals);

/// Reads the tag `process` and its keys.
[[nodiscard]] Arrivals read_arrivals(Reader& reader);

}  // namespace memwall
