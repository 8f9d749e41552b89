// A CSV file of a result folder, read row by row: columns by name, exact numbers, faults with their line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace memwall::tools::report {

/// Reads what memwall writes (RFC 4180 with single line feeds). Throws InputError, with file and line, for a header
/// without a wanted column, a row with another number of cells, and a cell that is not what is asked of it.
class CsvTable {
 public:
  /// `text` must outlive the table; `name` stands in messages. `columns` are the wanted ones, in the order in which
  /// cells are asked for.
  CsvTable(std::string_view text, std::string name, const std::vector<std::string_view>& columns);

  /// The next row; false behind the last.
  [[nodiscard]] bool next();

  /// A cell of the current row by its place in `columns`. Quotes are taken off.
  [[nodiscard]] std::string_view text(std::size_t column) const { return cells_[places_[column]]; }
  [[nodiscard]] std::int64_t integer(std::size_t column) const;
  /// Decimal seconds as whole picoseconds; at most 12 decimals.
  [[nodiscard]] std::int64_t picoseconds(std::size_t column) const;
  /// The same, nothing where the cell is empty.
  [[nodiscard]] std::optional<std::int64_t> picoseconds_if_any(std::size_t column) const;

  [[noreturn]] void refuse(std::size_t column, const std::string& what) const;

 private:
  bool split();

  std::string_view rest_;
  std::string name_;
  int line_ = 0;
  std::vector<std::string_view> cells_;
  std::vector<std::size_t> places_;
  std::vector<std::string_view> columns_;
  std::vector<std::string> unquoted_;  ///< cells of the row that had quotes inside of quotes
};

}  // namespace memwall::tools::report
