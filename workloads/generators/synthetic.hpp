// Requests made up from an arrival process and distributions of what they are like.
#pragma once

#include <functional>
#include <memory>

#include "sim/serve/source.hpp"
#include "workloads/generators/beginnings.hpp"
#include "workloads/generators/request_maker.hpp"

namespace memwall {

struct SyntheticOptions {
  BeginningKeys begin;
  RequestShape shape;
};

/// Draws depend on (seed, workload, position of the request) alone. Throws InputError when the requests do not fit the
/// simulated clock.
[[nodiscard]] std::unique_ptr<RequestSource> synthetic_requests(SyntheticOptions options, const SourceContext& context);
/// The same with draws of the stream of `key` in place of the workload's.
[[nodiscard]] std::unique_ptr<RequestSource> keyed_requests(SyntheticOptions options, const DrawKey& key);

/// The stream of draws of a workload.
[[nodiscard]] DrawKey workload_key(const SourceContext& context);

/// Reads the keys of source kind `synthetic`.
[[nodiscard]] SyntheticOptions read_synthetic(Reader& reader);
[[nodiscard]] std::function<std::unique_ptr<RequestSource>(const SourceContext&)> read_synthetic_source(Reader& reader);

}  // namespace memwall
