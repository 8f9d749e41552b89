// How a trace's format is read: the seam between files and the source that replays them.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/reader.hpp"
#include "workloads/formats/trace_row.hpp"

namespace memwall {

/// One pass over a file, row by row.
class RowReader {
 public:
  virtual ~RowReader() = default;

  /// Reads the next row; false after the last. An unusable row is answered too, with its `problem`. Throws InputError
  /// where the file as a whole is not of this format.
  [[nodiscard]] virtual bool next(TraceRow& row) = 0;
  /// Continues with the row at a place that an earlier row of the same file had.
  virtual void seek(const RowPlace& place) = 0;
  /// Sentences about the file as far as it was read (columns that are not used, ...).
  [[nodiscard]] virtual std::vector<std::string> remarks() const { return {}; }
};

/// What draws of a format that is a distribution are keyed by.
struct TraceDraws {
  std::uint64_t seed = 1;
  std::uint64_t workload = 0;
};

using OpenRows = std::function<std::unique_ptr<RowReader>(const TraceFile&, const TraceDraws&)>;

/// One row of the table of formats.
struct TraceFormat {
  std::string_view name;
  std::string_view summary;
  OpenRows (*read)(Reader& reader);  ///< reads the keys that only this format has
  /// Whether a file that begins so can be of this format. `name` is the file's name without folders. Formats are asked
  /// in the order of the table.
  bool (*recognise)(std::string_view name, std::string_view beginning);
};

/// Every trace format, in the order in which they are listed to users.
[[nodiscard]] std::span<const TraceFormat> trace_formats();

/// The format of that name; throws InputError with the known names for any other.
[[nodiscard]] const TraceFormat& trace_format(std::string_view name);

/// The format of a file (or folder), from its content. Throws InputError that lists what was tried.
[[nodiscard]] const TraceFormat& detect_format(const TraceFile& file);

}  // namespace memwall
