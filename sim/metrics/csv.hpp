// Text of comma-separated files (RFC 4180, lines end in a single line feed), fast enough for millions of rows.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/labels.hpp"
#include "sim/base/time.hpp"

namespace memwall {

/// Where the bytes of a file go, piece by piece.
using ByteSink = std::function<void(std::string_view)>;

/// A text cell, quoted where it holds a comma, a quote or a line break.
[[nodiscard]] std::string csv_cell(std::string_view text);

/// Builds rows in a buffer and hands it on when it is large. Every cell but the first of a row is preceded by a comma.
class CsvText {
 public:
  explicit CsvText(ByteSink sink);

  CsvText& integer(std::int64_t value);
  /// Whole picoseconds as decimal seconds, at most 12 decimals, trailing zeros left out: exact.
  CsvText& seconds(Duration value);
  /// A cell that `csv_cell` made, or that needs no quotes.
  CsvText& raw(std::string_view cell);
  CsvText& empty() { return raw({}); }
  void end_row();

  /// Hands on what is left. Call it once, after the last row; a destructor could not report a full disk.
  void finish();

 private:
  void separate();

  ByteSink sink_;
  std::string buffer_;
  bool row_started_ = false;
};

/// What the ids in records are called, by their values.
struct Names {
  struct Workload {
    std::string model;
    std::string tenant;
    std::string class_name;
    LabelNames labels{};
  };
  std::vector<std::string> pools;
  std::vector<Workload> workloads;
};

}  // namespace memwall
