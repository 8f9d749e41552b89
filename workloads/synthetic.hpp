// Requests made up from an arrival process and two length distributions.
#pragma once

#include <memory>
#include <variant>

#include "sim/base/quantity.hpp"
#include "sim/serve/source.hpp"
#include "workloads/lengths.hpp"
#include "workloads/stop_rule.hpp"

namespace memwall {

/// Gaps between arrivals are gamma with this mean and coefficient of variation: cv 1 is a Poisson process, more is
/// burstier, and vLLM's `burstiness` is 1 / cv^2. The first request comes after a gap too, as in vLLM's benchmark.
struct GammaArrivals {
  PerSecond rate{1};
  double cv = 1;
};

/// Request i (from 0) arrives at (i + 1) / rate.
struct ConstantArrivals {
  PerSecond rate{1};
};

/// So many clients, each with one request at a time: all begin at time 0, and each sends its next one when its last
/// ended, whatever its status, and the delay has passed.
struct ClosedLoop {
  std::int64_t concurrency = 1;
  Duration delay;
};

using Arrivals = std::variant<GammaArrivals, ConstantArrivals, ClosedLoop>;

struct SyntheticOptions {
  std::int64_t requests = 1;
  Arrivals arrivals;
  Length input;
  Length output;
  StopRule stop;
};

/// Draws depend on (seed, workload, position of the request) alone. Throws InputError when the requests do not fit the
/// simulated clock.
[[nodiscard]] std::unique_ptr<RequestSource> synthetic_requests(SyntheticOptions options, const SourceContext& context);

/// Reads the keys of source kind `synthetic`.
[[nodiscard]] std::function<std::unique_ptr<RequestSource>(const SourceContext&)> read_synthetic_source(Reader& reader);

}  // namespace memwall
