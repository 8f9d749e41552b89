#include "workloads/formats/json_rows.hpp"

#include <algorithm>

#include "workloads/formats/numbers.hpp"

namespace memwall {

bool JsonRows::next_line(TraceRow& row) {
  do {
    if (!lines_.next(line_)) return false;
  } while (trimmed(line_).empty());
  row.clear();
  row.place = {lines_.line_offset(), lines_.line_number(), rows_++, 0};
  return true;
}

std::optional<JsonValue> JsonRows::object() {
  // The line reader keeps readable bytes behind the line, so the parser need not copy it.
  static_assert(LineReader::padding >= JsonParser::padding);
  const auto value = parser_.parse(line_);
  return value && value->object() ? value : std::nullopt;
}

bool JsonRows::next(TraceRow& row) {
  if (!next_line(row)) return false;
  const auto value = object();
  row.problem = value ? parse(*value, row) : "parse_error";
  return true;
}

void JsonRows::seek(const RowPlace& place) {
  lines_.seek(place.offset, place.line);
  rows_ = place.row;
}

void JsonRows::unused(std::string_view key) {
  if (unused_.size() < most_unused && unused_.find(key) == unused_.end()) unused_.emplace(key);
}

std::vector<std::string> JsonRows::remarks() const {
  if (unused_.empty()) return {};
  std::string names;
  for (const std::string& name : unused_) names += (names.empty() ? "" : ", ") + name;
  return {"keys that are not used: " + names + (unused_.size() == most_unused ? ", ..." : "")};
}

bool object_has(std::string_view beginning, std::initializer_list<std::string_view> keys) {
  if (beginning.starts_with("\xef\xbb\xbf")) beginning.remove_prefix(3);
  const std::size_t start = beginning.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos || beginning[start] != '{') return false;
  beginning.remove_prefix(start);
  const std::string_view line = beginning.substr(0, std::min(beginning.find('\n'), beginning.size()));
  return std::all_of(keys.begin(), keys.end(), [&](std::string_view key) {
    return line.find("\"" + std::string(key) + "\"") != std::string_view::npos;
  });
}

}  // namespace memwall
