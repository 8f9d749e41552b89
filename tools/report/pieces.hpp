// Single rows of time as compact JSON, for a page that zooms down to them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/base/tier.hpp"
#include "tools/report/rows.hpp"

namespace memwall::tools::report {

/// Rows of cycles.csv by replica and lane. Whenever there are more than `most` pieces, two neighbours of a lane become
/// one: lengths, cycles and tokens add up, the bottleneck, the limit and the sequences are those of the longest row. An
/// idle gap stands in lane 0.
///
/// JSON: {"end": seconds, "unit": of the axis for a second, "unit_name", "joined": rows a piece, "most_single": pieces
/// that are drawn one by one, "single": id of their chart, "tiers": [names], "limits": [names], "lanes": [{"name",
/// "start_ns", "length_ns": [], "gap_ns": [from the piece before; absent where none has one], "tiers": [position],
/// "limits": [position or -1], "cycles": [], "sequences": [], "prefill": [tokens], "decode": [tokens]}]}
class Pieces {
 public:
  // More pieces than this make a page slow to load, not to draw.
  explicit Pieces(std::size_t most = 50'000) : most_(most) {}

  void add(const CycleRow& row);

  struct Axis {
    double end_s = 0;
    double unit = 1;        ///< axis units in a second
    std::string unit_name;  ///< "s"
  };
  [[nodiscard]] std::string json(const Axis& axis, const std::vector<Tier>& tiers, const std::vector<Limit>& limits,
                                 const std::string& single_chart) const;

 private:
  struct Piece {
    std::int64_t start_ps = 0;
    std::int64_t length_ps = 0;
    std::int64_t longest_ps = 0;  ///< of its rows
    std::int64_t rows = 1;
    std::int64_t cycles = 0;
    std::int64_t sequences = 0;
    std::int64_t prefill_tokens = 0;
    std::int64_t decode_tokens = 0;
    Tier tier = Tier::idle;
    std::int8_t limit = -1;
  };
  using Lane = std::vector<Piece>;
  static void join(Piece& piece, const Piece& next);
  void join_pairs();
  /// Nanoseconds between the end of the piece before and the start of each, 0 for the first.
  static std::vector<std::int64_t> gaps(const Lane& lane);

  std::map<std::pair<std::int64_t, std::int64_t>, Lane> lanes_;  ///< by replica and lane
  std::size_t most_;
  std::size_t pieces_ = 0;
  std::int64_t each_ = 1;  ///< rows in a full piece
};

}  // namespace memwall::tools::report
