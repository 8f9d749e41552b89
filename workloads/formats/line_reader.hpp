// The lines of a file, one after another, without holding the file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/formats/input_file.hpp"

namespace memwall {

/// Where a row begins, so that it can be read again.
struct RowPlace {
  std::int64_t offset = 0;  ///< bytes from the start of the file
  std::int64_t line = 0;    ///< 1-based; 0 where it was not kept
  std::int64_t row = 0;     ///< data rows before it
  std::int64_t part = 0;    ///< rows before it on the same line
};

/// Reads a regular file line by line through one buffer. LF and CRLF ends, no end after the last line, and a UTF-8 byte
/// order mark are understood.
class LineReader {
 public:
  /// Longest line that is accepted. The longest real one seen has some 2,000 block ids, about 16 KiB; a far longer line
  /// means that the file has another format.
  static constexpr std::size_t line_limit = std::size_t{1} << 20;
  /// Readable bytes behind every line that is handed out, for parsers that read in wide words.
  static constexpr std::size_t padding = 128;

  /// Opens the file. Throws InputError when it is missing, a directory, not a regular file, unreadable or empty.
  explicit LineReader(TraceFile file);

  /// The next line without its end, valid until the next call; false at the end of the file. Throws InputError for a
  /// line beyond the limit and when reading fails.
  [[nodiscard]] bool next(std::string_view& line);

  /// Continues at a line that began at `offset`. Cheap when it is still in the buffer.
  void seek(std::int64_t offset, std::int64_t line_number);

  [[nodiscard]] const TraceFile& file() const { return file_; }
  [[nodiscard]] std::int64_t line_number() const { return line_number_; }  ///< of the line handed out last
  [[nodiscard]] std::int64_t line_offset() const { return line_offset_; }  ///< where that line began

 private:
  void refill();

  TraceFile file_;
  InputFile input_;
  std::vector<char> buffer_;
  std::size_t chunk_;               ///< bytes that the next refill asks for
  std::int64_t buffer_offset_ = 0;  ///< of the buffer's first byte in the file
  std::size_t begin_ = 0;           ///< unread part of the buffer
  std::size_t end_ = 0;
  bool at_end_ = false;
  std::int64_t line_number_ = 0;
  std::int64_t line_offset_ = 0;
};

}  // namespace memwall
