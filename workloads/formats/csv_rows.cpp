#include "workloads/formats/csv_rows.hpp"

#include <algorithm>

#include "workloads/formats/numbers.hpp"

namespace memwall {

CsvRows::CsvRows(const TraceFile& file, std::initializer_list<const char*> required,
                 std::initializer_list<const char*> optional)
    : csv_(file), at_(csv_.positions({required.begin(), required.end()})) {
  const auto& columns = csv_.columns();
  for (const std::string name : optional) {
    const auto found = std::find(columns.begin(), columns.end(), name);
    if (found != columns.end()) static_cast<void>(csv_.positions({name}));  // refuses a column that occurs twice
    at_.push_back(found == columns.end() ? absent : static_cast<std::size_t>(found - columns.begin()));
  }
}

std::vector<std::string> CsvRows::remarks() const {
  std::string unused;
  for (std::size_t i = 0; i < csv_.columns().size(); ++i) {
    if (std::find(at_.begin(), at_.end(), i) == at_.end()) unused += (unused.empty() ? "" : ", ") + csv_.columns()[i];
  }
  if (unused.empty()) return {};
  return {"columns that are not used: " + unused};
}

bool header_has(std::string_view beginning, std::initializer_list<std::string_view> columns) {
  if (beginning.starts_with("\xef\xbb\xbf")) beginning.remove_prefix(3);
  while (!beginning.empty() && (beginning.front() == '\n' || beginning.front() == '\r')) beginning.remove_prefix(1);
  std::string_view line = beginning.substr(0, std::min(beginning.find_first_of("\r\n"), beginning.size()));
  std::vector<std::string_view> names;
  while (true) {
    const std::size_t comma = std::min(line.find(','), line.size());
    std::string_view name = trimmed(line.substr(0, comma));
    if (name.size() >= 2 && name.front() == '"' && name.back() == '"') name = trimmed(name.substr(1, name.size() - 2));
    names.push_back(name);
    if (comma == line.size()) break;
    line.remove_prefix(comma + 1);
  }
  return std::all_of(columns.begin(), columns.end(), [&](std::string_view column) {
    return std::find(names.begin(), names.end(), column) != names.end();
  });
}

}  // namespace memwall
