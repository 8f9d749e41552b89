#include "tools/report/csv_table.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "sim/base/error.hpp"

namespace memwall::tools::report {
namespace {

[[noreturn]] void fault(const std::string& file, int line, std::string_view column, std::string message) {
  throw InputError(std::vector<Fault>{{file, line, std::string(column), std::move(message)}});
}

bool digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

CsvTable::CsvTable(std::string_view text, std::string name, const std::vector<std::string_view>& columns)
    : rest_(text), name_(std::move(name)), columns_(columns) {
  if (!split()) fault(name_, 0, "", "is empty; a header with the names of columns is wanted");
  const std::vector<std::string> header(cells_.begin(), cells_.end());
  std::vector<Fault> missing;
  for (const std::string_view column : columns) {
    const auto at = std::find(header.begin(), header.end(), column);
    if (at == header.end()) {
      missing.push_back({name_, 1, "", "has no column " + std::string(column) + "; is it a file of memwall run?"});
      continue;
    }
    places_.push_back(static_cast<std::size_t>(at - header.begin()));
  }
  if (!missing.empty()) throw InputError(missing);
}

bool CsvTable::next() {
  const std::size_t width = cells_.size();
  if (!split()) return false;
  if (cells_.size() != width) {
    fault(name_, line_, "",
          "has " + std::to_string(cells_.size()) + " cells and the header " + std::to_string(width) +
              "; the file may be cut off");
  }
  return true;
}

bool CsvTable::split() {
  if (rest_.empty()) return false;
  ++line_;
  cells_.clear();
  unquoted_.clear();
  unquoted_.reserve(4);
  std::size_t at = 0;
  for (;;) {
    if (at < rest_.size() && rest_[at] == '"') {
      const std::size_t begin = at + 1;
      std::string plain;
      bool doubled = false;
      for (at = begin;; ++at) {
        if (at >= rest_.size()) fault(name_, line_, "", "a quote is never closed; the file may be cut off");
        if (rest_[at] == '"' && at + 1 < rest_.size() && rest_[at + 1] == '"') {
          ++at;
          doubled = true;
        } else if (rest_[at] == '"') {
          break;
        }
        plain += rest_[at];
      }
      if (doubled) {
        // A growing list would move short texts, and the views of them with it.
        law(unquoted_.size() < unquoted_.capacity(), "a row has more cells with quotes than a row of ours can have");
        unquoted_.push_back(std::move(plain));
        cells_.push_back(unquoted_.back());
      } else {
        cells_.push_back(rest_.substr(begin, at - begin));
      }
      ++at;
    } else {
      const std::size_t begin = at;
      while (at < rest_.size() && rest_[at] != ',' && rest_[at] != '\n') ++at;
      cells_.push_back(rest_.substr(begin, at - begin));
    }
    if (at >= rest_.size()) fault(name_, line_, "", "the last line does not end; the file may be cut off");
    if (rest_[at] == '\n') break;
    if (rest_[at] != ',') fault(name_, line_, "", "a comma is wanted behind a closing quote");
    ++at;
  }
  rest_.remove_prefix(at + 1);
  return true;
}

void CsvTable::refuse(std::size_t column, const std::string& what) const {
  fault(name_, line_, columns_[column], "\"" + std::string(text(column)) + "\" is " + what);
}

std::int64_t CsvTable::integer(std::size_t column) const {
  const std::string_view cell = text(column);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc() || end != cell.data() + cell.size()) refuse(column, "no whole number");
  return value;
}

std::int64_t CsvTable::picoseconds(std::size_t column) const {
  const std::string_view cell = text(column);
  if (cell == "0") return 0;                // most tiers of most rows
  constexpr std::int64_t most = 9'000'000;  // seconds, within 64 bits of picoseconds
  std::size_t at = 0;
  std::int64_t whole = 0;
  for (; at < cell.size() && digit(cell[at]) && whole <= most; ++at) whole = whole * 10 + (cell[at] - '0');
  std::int64_t part = 0;
  std::size_t decimals = 0;
  const bool has_whole = at > 0;
  if (at < cell.size() && cell[at] == '.') {
    for (++at; at < cell.size() && digit(cell[at]) && decimals < 12; ++at, ++decimals)
      part = part * 10 + (cell[at] - '0');
  }
  if (!has_whole || at != cell.size() || whole > most) refuse(column, "no time in seconds with at most 12 decimals");
  for (; decimals < 12; ++decimals) part *= 10;
  return whole * 1'000'000'000'000 + part;
}

std::optional<std::int64_t> CsvTable::picoseconds_if_any(std::size_t column) const {
  return text(column).empty() ? std::nullopt : std::optional(picoseconds(column));
}

}  // namespace memwall::tools::report
