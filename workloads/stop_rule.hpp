// How an answer ends, and what the engine can know about that.
#pragma once

#include <cstdint>

#include "sim/base/reader.hpp"
#include "sim/serve/request.hpp"

namespace memwall {

/// The lengths of traces and generators are lengths of answers. Either the engine was told (a cap on generated tokens
/// that ends the answer), or the model ended it and the engine knew only a larger cap.
struct StopRule {
  bool eos = false;
  std::int64_t max_tokens = 0;  ///< the engine's cap, with `eos`
  Duration timeout{};           ///< after its arrival the client gives up; zero = never

  /// Sets the fields of an answer of `tokens` to a request whose arrival is set. True when the cap ends it before its
  /// own end: then it is a length end, of `max_tokens` tokens.
  bool apply(std::int64_t tokens, Request& request) const {
    const bool capped = eos && tokens >= max_tokens;
    request.stops_by_eos = eos && !capped;
    request.output_tokens = capped ? max_tokens : tokens;
    request.max_tokens = eos ? max_tokens : tokens;
    if (timeout.ps > 0) request.gives_up = request.arrival + timeout;
    return capped && tokens > max_tokens;
  }
};

/// Reads the key `stop` and what belongs to it.
[[nodiscard]] StopRule read_stop_rule(Reader& reader);

}  // namespace memwall
