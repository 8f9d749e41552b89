// A request as the traffic brings it, and what its tokens are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/ids.hpp"
#include "sim/base/labels.hpp"
#include "sim/base/time.hpp"

namespace memwall {

/// A run of prompt tokens: positions begin .. end-1 of a stream. Tokens are equal if and only if stream and position
/// are.
struct TokenRange {
  std::uint64_t stream = 0;
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

/// One request. The scheduler may see everything here but `output_tokens` of a request that stops by an end of
/// sequence.
struct Request {
  RequestId id;  ///< set by the cluster when it arrives
  Time arrival;
  std::int64_t input_tokens = 0;   ///< at least 1
  std::int64_t output_tokens = 0;  ///< tokens that will be generated, at least 1
  bool stops_by_eos = false;       ///< true: the engine cannot know `output_tokens` beforehand
  std::int64_t max_tokens = 0;     ///< the engine's cap on generated tokens, at least `output_tokens`
  /// Content of the prompt, from its first token on; empty = shares no token with anybody. Where it goes on behind the
  /// prompt it is the content of the answer, which only requests that arrive after the end of this one may repeat: the
  /// engine need not tell the blocks of a growing answer apart.
  std::vector<TokenRange> prompt;
  std::int32_t workload = 0;      ///< position of its workload in the scenario
  std::int64_t session = -1;      ///< -1 = none
  Time gives_up = Time::never();  ///< its client cancels it then, unless it has ended; later than `arrival`
  std::int64_t ticket = -1;       ///< by which its source knows it again; nobody else reads it
  std::int64_t priority = 0;      ///< lower = more important; acts under the priority policy only
  bool hands_over = false;        ///< its cache goes to another engine: when it has ended here, its blocks stay
  RequestLabels labels;           ///< tenant, class, adapter, images, deadline
};

}  // namespace memwall
