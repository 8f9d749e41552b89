// What readers of CSV traces have in common: columns by name, one record a row.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "workloads/formats/csv.hpp"
#include "workloads/formats/trace_format.hpp"

namespace memwall {

class CsvRows : public RowReader {
 public:
  bool next(TraceRow& row) final {
    if (!csv_.next()) return false;
    row.clear();
    row.place = {csv_.offset(), csv_.line(), rows_++, 0};
    row.problem = parse(row);
    return true;
  }
  void seek(const RowPlace& place) final {
    csv_.seek(place.offset, place.line);
    rows_ = place.row;
  }
  std::vector<std::string> remarks() const override;

 protected:
  /// Binds columns: first the required ones (InputError names those that are missing), then the optional ones.
  CsvRows(const TraceFile& file, std::initializer_list<const char*> required,
          std::initializer_list<const char*> optional = {});

  /// Fills a cleared row; answers its problem.
  virtual std::string_view parse(TraceRow& row) = 0;

  /// The field of the i-th bound column; empty where the file has no such column.
  [[nodiscard]] std::string_view field(std::size_t i) const {
    return at_[i] == absent ? std::string_view{} : csv_.field(at_[i]);
  }
  [[nodiscard]] bool has(std::size_t i) const { return at_[i] != absent; }

 private:
  static constexpr std::size_t absent = static_cast<std::size_t>(-1);

  CsvReader csv_;
  std::vector<std::size_t> at_;  ///< position of each bound column
  std::int64_t rows_ = 0;
};

/// Whether the first line of a CSV file names all these columns; quotes and blanks around names are ignored.
[[nodiscard]] bool header_has(std::string_view beginning, std::initializer_list<std::string_view> columns);

}  // namespace memwall
