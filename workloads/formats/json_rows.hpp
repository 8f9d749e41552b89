// What readers of JSON Lines traces have in common: an object a line, keys by name.
#pragma once

#include <initializer_list>
#include <set>
#include <string>
#include <vector>

#include "workloads/formats/json_value.hpp"
#include "workloads/formats/trace_format.hpp"

namespace memwall {

class JsonRows : public RowReader {
 public:
  bool next(TraceRow& row) override;
  void seek(const RowPlace& place) override;
  std::vector<std::string> remarks() const override;

 protected:
  explicit JsonRows(const TraceFile& file) : lines_(file) {}

  /// Reads the next line that is not blank, clears the row and sets its place. False after the last line.
  [[nodiscard]] bool next_line(TraceRow& row);
  /// The object of the line; nothing where it is none.
  [[nodiscard]] std::optional<JsonValue> object();

  /// Fills a cleared row from the line's object; answers its problem.
  virtual std::string_view parse(JsonValue object, TraceRow& row) = 0;

  /// Remembers the name of a key that is not used, for the remarks.
  void unused(std::string_view key);

  std::int64_t rows_ = 0;

 private:
  static constexpr std::size_t most_unused = 16;

  LineReader lines_;
  std::string_view line_;
  JsonParser parser_;
  std::set<std::string, std::less<>> unused_;
};

/// Whether the first object of a JSON Lines file has all these keys (found as text, so that a cut line will do).
[[nodiscard]] bool object_has(std::string_view beginning, std::initializer_list<std::string_view> keys);

}  // namespace memwall
