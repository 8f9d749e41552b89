// What a row of a trace says, before any policy: the one record that every format is read into.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "workloads/formats/line_reader.hpp"

namespace memwall {

/// One request of a trace. Reused from row to row; texts are valid until the next one is read. Times and durations are
/// nanoseconds, lengths are tokens.
struct TraceRow {
  RowPlace place;
  std::string_view problem;                ///< why the row cannot be used, a name of the notes; empty = usable
  std::vector<std::string_view> warnings;  ///< what is odd about a usable row

  // When it arrives.
  bool has_time = false;
  std::int64_t time_ns = 0;             ///< of arrival, from an origin that all rows of the file share
  std::int64_t service_ns = -1;         ///< from its arrival to its end, as recorded; -1 = not recorded
  std::int64_t first_token_ns = -1;     ///< the same to its first token
  std::string_view session;             ///< empty = none
  bool after_session = false;           ///< it follows rows of its session that came before it in the file
  std::string_view name;                ///< by which later rows of the file refer to it; empty = none
  std::vector<std::string_view> after;  ///< names of rows that must have ended before it arrives
  bool has_delay = false;
  std::int64_t delay_ns = 0;        ///< from the end of the last row that it waits for to its arrival
  std::int64_t wait_after_ns = -1;  ///< the same of the session's next row, where this one says it; -1 = it does not

  // What it asks for.
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;     ///< that were generated; no policy sees them where there is a limit
  std::int64_t output_limit = 0;      ///< the cap that the client sent; 0 = none was recorded
  std::vector<std::uint64_t> blocks;  ///< ids of leading blocks of the prompt
  std::int64_t block_tokens = 0;      ///< tokens that each of them stands for
  std::int64_t fixed_tokens = -1;     ///< of tools and system at the head of the prompt; -1 = not recorded
  std::int64_t prefix_tokens = -1;    ///< leading tokens in common with the session's row before; -1 = not recorded
  std::string_view tenant;            ///< empty = none; so are the next two
  std::string_view service_class;
  std::string_view adapter;
  std::int64_t priority = 0;      ///< lower = more important
  std::int64_t deadline_ns = -1;  ///< after its arrival; -1 = none
  std::int32_t images = 0;        ///< their tokens are part of the input

  /// Everything as it is before a row is read; keeps the memory of its lists.
  void clear() {
    problem = session = name = tenant = service_class = adapter = {};
    warnings.clear();
    after.clear();
    blocks.clear();
    has_time = after_session = has_delay = false;
    time_ns = delay_ns = input_tokens = output_tokens = output_limit = block_tokens = priority = 0;
    service_ns = first_token_ns = wait_after_ns = fixed_tokens = prefix_tokens = deadline_ns = -1;
    images = 0;
  }
};

}  // namespace memwall
