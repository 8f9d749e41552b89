// Comma-separated records (RFC 4180) with a header line, read by column name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "workloads/formats/line_reader.hpp"

namespace memwall {

/// Records of a CSV file. A quoted field may hold commas, doubled quotes and line breaks; blank lines are no records.
class CsvReader {
 public:
  /// Opens the file and reads its header. Throws InputError when there is none.
  explicit CsvReader(TraceFile file);

  /// Columns by position, in the order of the header, blanks around names removed.
  [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }
  /// Positions of the named columns. Throws InputError that names every missing column and the columns found.
  [[nodiscard]] std::vector<std::size_t> positions(const std::vector<std::string>& names) const;

  /// Reads the next record; false after the last. Fields are valid until the next call. Throws InputError for a quoted
  /// field that is never closed.
  [[nodiscard]] bool next();
  [[nodiscard]] const std::vector<std::string_view>& fields() const { return fields_; }
  /// The field at a column's position; empty where the record is too short.
  [[nodiscard]] std::string_view field(std::size_t position) const {
    return position < fields_.size() ? fields_[position] : std::string_view{};
  }

  void seek(std::int64_t offset, std::int64_t line) { lines_.seek(offset, line); }
  [[nodiscard]] const TraceFile& file() const { return lines_.file(); }
  [[nodiscard]] std::int64_t line() const { return line_; }      ///< where the record began
  [[nodiscard]] std::int64_t offset() const { return offset_; }  ///< where the record began

 private:
  void split(std::string_view record);

  LineReader lines_;
  std::vector<std::string> columns_;
  std::vector<std::string_view> fields_;
  std::string text_;  ///< unquoted text of fields that had quotes, and records of several lines
  std::int64_t line_ = 0;
  std::int64_t offset_ = 0;
};

}  // namespace memwall
