// Clients without pause, met in the middle of their work instead of at its beginning.
#pragma once

#include <cstdint>
#include <memory>

#include "sim/serve/source.hpp"
#include "tools/accuracy/serving_case.hpp"

namespace memwall::accuracy {

struct SteadyLoopOptions {
  std::int64_t clients = 1;
  std::int64_t in_service = 1;  ///< of the clients, those whose answer has begun at time 0
  std::int64_t requests = 1;    ///< in all, at least `clients`
  std::int64_t input_tokens = 1;
  std::int64_t output_tokens = 1;  ///< mean
  std::int64_t longest = 1;        ///< prompt and answer together never exceed it
  Spread spread;
  bool stops_by_eos = false;
  std::uint64_t seed = 1;
};

/// If every client began at time 0, equal answers would end together for a long time, a convoy that no running server
/// shows. So the answers that are in service at time 0 have an age and a rest drawn as a renewal process has them when
/// it has run for long: the answer that is met is longer than the mean, in proportion to its length, and its age is
/// uniform within it (Cox, Renewal Theory, 1962, chapter 5). Tokens of that age are part of the prompt, and computing
/// them is the run's warm-up.
[[nodiscard]] std::unique_ptr<RequestSource> steady_loop(const SteadyLoopOptions& options);

}  // namespace memwall::accuracy
