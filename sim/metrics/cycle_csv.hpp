// cycles.csv: where the time of each replica went, row by row.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "sim/base/tier.hpp"
#include "sim/metrics/csv.hpp"
#include "sim/metrics/record.hpp"

namespace memwall {

/// How finely cycles.csv tells what happened.
enum class CycleRows : std::uint8_t {
  leaps,  ///< a row for each run of cycles of one segment with one bottleneck
  all,    ///< a row for each cycle
};

/// A row of cycles.csv as numbers.
struct CycleRow {
  PoolId pool;
  ReplicaId replica;
  std::int32_t lane = 0;
  std::int64_t first_cycle = 0;
  std::int64_t cycles = 0;  ///< 0: an idle gap, of which nothing below `bottleneck` is told but the times
  Time begin;
  Duration duration;
  std::int64_t prefill_tokens = 0;  ///< of the whole row, like the next
  std::int64_t decode_tokens = 0;
  std::int64_t sequences = 0;
  std::int64_t kv_blocks = 0;
  Tier bottleneck = Tier::idle;
  Limit limit = Limit::no_demand;
  TierArray<Duration> critical;  ///< adds up to `duration`
};

/// Is told each row when it is written.
using CycleRowListener = std::function<void(const CycleRow&)>;

/// Columns: pool, replica, lane, first_cycle, cycles, start_s, duration_s, latency_s, prefill_tokens, decode_tokens,
/// padded_tokens, sequences, kv_tokens, kv_blocks, bottleneck, limit and `<tier>_s` for every tier. `duration_s` is the
/// difference of two boundaries in whole picoseconds and the tier columns add up to it exactly. Token columns are
/// totals of the row; `sequences` is the batch of each cycle; `latency_s`, `kv_tokens` and `kv_blocks` are those of its
/// first cycle. An idle gap is a row with bottleneck `idle`, 0 cycles and empty cells where a cycle would be described.
///
/// Rows of a replica do not depend on the spans in which its cycles arrive: pieces that continue each other are joined.
/// A row is written when it can no longer grow, so rows of different replicas stand in the order in which they closed.
class CycleCsv {
 public:
  CycleCsv(ByteSink sink, const Names& names, CycleRows rows, CycleRowListener listener = {});

  /// Throws LogicError when the span has no ramps, or its pool has no name.
  void cycles(const CycleSpan& span);
  void idle(const IdleSpan& span);
  /// Writes the rows that are still open, in order of replica and lane.
  void finish();

 private:
  struct Row {
    bool open = false;
    Tier bottleneck = Tier::idle;
    Limit limit = Limit::no_demand;
    PoolId pool;
    ReplicaId replica;
    std::int32_t lane = 0;
    Time segment_begin;
    std::int64_t segment_cycle = 0;  ///< the segment's first cycle
    std::int64_t first_cycle = 0;
    std::int64_t cycles = 0;
    Time begin;
    Time end;
    std::int64_t latency_ps = 0;
    std::int64_t prefill_tokens = 0;  ///< per cycle, like the next three
    std::int64_t decode_tokens = 0;
    std::int64_t padded_tokens = 0;
    std::int64_t sequences = 0;
    std::int64_t kv_tokens = 0;
    std::int64_t kv_blocks = 0;
    TierArray<Int128> critical;  ///< fixed point
  };
  struct Replica {
    Row gap;
    std::vector<Row> lanes;
  };

  Replica& replica(ReplicaId id);
  void piece(Row& row, const CycleSpan& span, TierSet critical, Tier bottleneck, std::int64_t from, std::int64_t until);
  void close(Row& row);
  void write(const Row& row);

  CsvText text_;
  CycleRowListener listener_;
  std::vector<std::string> pools_;  ///< cells
  std::vector<Replica> replicas_;
  CycleRows rows_;
};

}  // namespace memwall
