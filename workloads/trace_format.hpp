// What a row of a trace says, and how a format is read: the seam between files and the source that replays them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/reader.hpp"
#include "workloads/line_reader.hpp"

namespace memwall {

/// One row, before any policy. Reused from row to row; texts are valid until the next one is read.
struct TraceRow {
  RowPlace place;
  std::string_view problem;  ///< why the row cannot be used, a name of the notes; empty = usable
  std::string_view warning;  ///< what is odd about a usable row; empty = nothing
  bool has_time = false;
  std::int64_t time_ns = 0;  ///< of arrival, from an origin that all rows of the file share
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  std::string_view session;           ///< empty = none
  std::int64_t delay_ns = 0;          ///< after the end of the session's previous row, for a row without a time
  std::vector<std::uint64_t> blocks;  ///< ids of prompt blocks; an id stands for its block and everything before it
};

/// One pass over a file, row by row.
class RowReader {
 public:
  virtual ~RowReader() = default;

  /// Reads the next row; false after the last. An unusable row is answered too, with its `problem`. Throws InputError
  /// where the file as a whole is not of this format.
  [[nodiscard]] virtual bool next(TraceRow& row) = 0;
  /// Continues with the row at a place that an earlier row of the same file had.
  virtual void seek(const RowPlace& place) = 0;
  /// Tokens that one block id stands for; 0 where the format has no ids.
  [[nodiscard]] virtual std::int64_t block_tokens() const { return 0; }
  /// Sentences about the file as far as it was read (columns that are not used, ...).
  [[nodiscard]] virtual std::vector<std::string> remarks() const { return {}; }
};

using OpenRows = std::function<std::unique_ptr<RowReader>(const TraceFile&)>;

/// What a format contributes to the replay of a trace.
struct FormatKeys {
  OpenRows open;
  std::int64_t spread_ns = 0;  ///< arrivals are spread over so long a time, to undo the binning of the trace
};

/// One row of the table of formats.
struct TraceFormat {
  std::string_view name;
  std::string_view summary;
  FormatKeys (*plain)();               ///< with every key at its fallback
  FormatKeys (*read)(Reader& reader);  ///< reads the keys that only this format has
};

/// Every trace format, in the order in which they are listed to users.
[[nodiscard]] std::span<const TraceFormat> trace_formats();

/// The format of that name; throws InputError with the known names for any other.
[[nodiscard]] const TraceFormat& trace_format(std::string_view name);

}  // namespace memwall
