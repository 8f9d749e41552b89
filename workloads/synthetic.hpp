// Requests made up from an arrival process and distributions of what they are like.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>

#include "sim/serve/source.hpp"
#include "workloads/arrivals.hpp"
#include "workloads/request_maker.hpp"

namespace memwall {

/// Where generated traffic ends: whichever comes first.
struct Extent {
  std::int64_t requests = std::numeric_limits<std::int64_t>::max();
  Time until = Time::never();  ///< nothing arrives later
};

struct SyntheticOptions {
  Extent extent;
  Arrivals arrivals;
  RequestShape shape;
};

/// Draws depend on (seed, workload, position of the request) alone. Throws InputError when the requests do not fit the
/// simulated clock.
[[nodiscard]] std::unique_ptr<RequestSource> synthetic_requests(SyntheticOptions options, const SourceContext& context);
/// The same with draws of the stream of `key` in place of the workload's.
[[nodiscard]] std::unique_ptr<RequestSource> keyed_requests(SyntheticOptions options, const DrawKey& key);

/// Throws InputError where so many arrivals are expected to last longer than the simulated clock.
void check_clock(const Extent& extent, const Arrivals& arrivals, std::string_view what);

/// Reads `requests` (called `count_key`) and `duration`, one of which must be there unless arrivals end by themselves.
[[nodiscard]] Extent read_extent(Reader& reader, std::string_view count_key, std::string_view doc);
void check_extent(Reader& reader, std::string_view count_key, const Extent& extent, const Arrivals& arrivals);

/// Reads the keys of source kind `synthetic`.
[[nodiscard]] SyntheticOptions read_synthetic(Reader& reader);
[[nodiscard]] std::function<std::unique_ptr<RequestSource>(const SourceContext&)> read_synthetic_source(Reader& reader);

}  // namespace memwall
