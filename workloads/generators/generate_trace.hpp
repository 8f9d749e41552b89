// Writes what a source would send as a trace in memwall's own format.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "sim/serve/source.hpp"

namespace memwall {

/// What was written, and what a trace could not keep.
struct GeneratedTrace {
  std::int64_t rows = 0;
  bool waits_unwritten = false;  ///< some wait for others without saying for which; the trace has these at its start
};

/// Asks the source for all its requests, each of which ends when it arrives, and hands on the lines. What a request
/// waited for is written where the source knows it, its moment where it waited for nothing. Content that may be shared
/// is written as ids of blocks of `block_tokens` tokens, of the prompt alone. Throws InputError for a source that
/// cancels requests, which no trace can hold.
GeneratedTrace generate_trace(RequestSource& source, std::string_view source_name, std::int64_t block_tokens,
                              const std::function<void(std::string_view)>& sink);

/// Ids of the whole blocks of the request's prompt whose content is declared. Two are equal if and only if their tokens
/// and all before them are.
[[nodiscard]] std::vector<std::uint64_t> prompt_blocks(const Request& request, std::int64_t block_tokens);

}  // namespace memwall
