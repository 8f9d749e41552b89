#include "workloads/formats/csv.hpp"

#include <algorithm>
#include <cstring>

#include "sim/base/error.hpp"
#include "workloads/formats/numbers.hpp"

namespace memwall {
namespace {

/// Whether a record's text ends inside a quoted field. A quote opens a field only at its beginning; elsewhere in an
/// unquoted field it is a character like any other.
bool open_ended(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    while (i < text.size() && (text[i] == ' ' || text[i] == '\t')) ++i;
    if (i < text.size() && text[i] == '"') {
      for (++i;; ++i) {
        i = text.find('"', i);
        if (i == std::string_view::npos) return true;
        ++i;
        if (i >= text.size() || text[i] != '"') break;
      }
    }
    i = text.find(',', i);
    if (i == std::string_view::npos) return false;
    ++i;
  }
  return false;
}

}  // namespace

CsvReader::CsvReader(TraceFile file) : lines_(std::move(file)) {
  if (!next()) {
    throw InputError({Fault{lines_.file().label, 0, "", "has only blank lines; its first line must name the columns"}});
  }
  for (const std::string_view name : fields_) columns_.emplace_back(trimmed(name));
}

std::vector<std::size_t> CsvReader::positions(const std::vector<std::string>& names) const {
  std::string found;
  for (const std::string& column : columns_) found += (found.empty() ? "" : ", ") + column;
  if (found.size() > 300) found = found.substr(0, 300) + " ...";
  std::vector<Fault> faults;
  std::vector<std::size_t> out;
  for (const std::string& name : names) {
    const auto at = std::find(columns_.begin(), columns_.end(), name);
    if (at == columns_.end()) {
      faults.push_back(
          {lines_.file().label, static_cast<int>(line_), name, "the column is missing; found are: " + found});
    } else if (std::find(at + 1, columns_.end(), name) != columns_.end()) {
      faults.push_back({lines_.file().label, static_cast<int>(line_), name, "the column occurs twice; name it once"});
    }
    out.push_back(static_cast<std::size_t>(at - columns_.begin()));
  }
  if (!faults.empty()) throw InputError(std::move(faults));
  return out;
}

bool CsvReader::next() {
  std::string_view line;
  do {
    if (!lines_.next(line)) return false;
  } while (trimmed(line).empty());
  line_ = lines_.line_number();
  offset_ = lines_.line_offset();
  if (std::memchr(line.data(), '"', line.size()) == nullptr) {
    fields_.clear();
    while (true) {
      const auto* comma = static_cast<const char*>(std::memchr(line.data(), ',', line.size()));
      if (comma == nullptr) break;
      const auto length = static_cast<std::size_t>(comma - line.data());
      fields_.push_back(line.substr(0, length));
      line.remove_prefix(length + 1);
    }
    fields_.push_back(line);
    return true;
  }
  std::string record(line);
  while (open_ended(record)) {
    if (record.size() > LineReader::line_limit || !lines_.next(line)) {
      throw InputError({Fault{file().label, static_cast<int>(line_), "",
                              "a quoted field that begins here is never closed; add the missing quote"}});
    }
    record += '\n';
    record += line;
  }
  split(record);
  return true;
}

void CsvReader::split(std::string_view record) {
  fields_.clear();
  text_.clear();
  text_.reserve(record.size());  // so that the views into it stay valid: unquoting only shortens
  while (true) {
    const std::string_view start = record.substr(std::min(record.find_first_not_of(" \t"), record.size()));
    const std::size_t from = text_.size();
    if (start.starts_with('"')) {
      std::size_t i = 1;
      for (; i < start.size(); ++i) {
        if (start[i] == '"') {
          if (i + 1 >= start.size() || start[i + 1] != '"') break;
          ++i;
        }
        text_ += start[i];
      }
      record = start.substr(std::min(i + 1, start.size()));
    }
    const std::size_t comma = std::min(record.find(','), record.size());
    text_ += record.substr(0, comma);
    fields_.emplace_back(text_.data() + from, text_.size() - from);
    if (comma == record.size()) return;
    record.remove_prefix(comma + 1);
  }
}

}  // namespace memwall
