// memwall's own trace format: JSON Lines that keep everything a row of any format says (docs/traces.md).
#pragma once

#include <string>

#include "workloads/formats/trace_format.hpp"

namespace memwall {

/// Its first line. Throws nothing.
[[nodiscard]] std::string own_trace_header(std::string_view source_format);

/// The line of a row that has no problem. Its number is kept, so that draws of a replay stay the same; what has its
/// neutral value is left out. Throws InputError for a text that is not UTF-8.
void append_own_trace_row(const TraceRow& row, std::string& out);

/// What became of the rows of a trace.
struct Converted {
  std::int64_t written = 0;
  std::int64_t unreadable = 0;  ///< rows with a problem, which no format could keep
};

/// Hands on a whole trace in memwall's own format, in pieces.
Converted convert_trace(const OpenRows& open, const TraceFile& file, const TraceDraws& draws,
                        std::string_view source_format, const std::function<void(std::string_view)>& sink);

[[nodiscard]] OpenRows read_own_trace_keys(Reader& reader);
[[nodiscard]] bool recognise_own_trace(std::string_view name, std::string_view beginning);

}  // namespace memwall
