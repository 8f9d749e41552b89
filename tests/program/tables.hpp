// The program's CSV files with exact numbers: seconds are read as whole picoseconds.
#pragma once

#include <cstdint>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tests/catch.hpp"

namespace memwall::test {

using TableRow = std::map<std::string, std::string>;

/// Rows by column name. The cells of these tests hold neither quotes nor commas.
inline std::vector<TableRow> table_of(const std::string& text) {
  std::vector<std::string> columns;
  std::vector<TableRow> rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::vector<std::string> cells(1);
    for (const char c : line) {
      if (c == ',') {
        cells.emplace_back();
      } else {
        cells.back() += c;
      }
    }
    if (columns.empty()) {
      columns = cells;
      continue;
    }
    REQUIRE(cells.size() == columns.size());
    TableRow row;
    for (std::size_t i = 0; i < cells.size(); ++i) row[columns[i]] = cells[i];
    rows.push_back(std::move(row));
  }
  return rows;
}

inline std::int64_t integer(const TableRow& row, const std::string& column) { return std::stoll(row.at(column)); }

/// "1.5" -> 1,500,000,000,000; refuses what is finer than a picosecond.
inline std::int64_t picoseconds(const std::string& text) {
  const std::size_t point = std::min(text.find('.'), text.size());
  std::string digits = text.substr(0, point);
  std::string fraction = point < text.size() ? text.substr(point + 1) : std::string();
  REQUIRE(fraction.size() <= 12);
  fraction.resize(12, '0');
  digits += fraction;
  REQUIRE(digits.find_first_not_of("0123456789") == std::string::npos);
  return std::stoll(digits);
}
inline std::int64_t picoseconds(const TableRow& row, const std::string& column) { return picoseconds(row.at(column)); }

}  // namespace memwall::test
