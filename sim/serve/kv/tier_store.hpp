// One memory below the device's own: which contents of a prefix cache it keeps, for how long, and what went in and out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/quantity.hpp"
#include "sim/base/tier.hpp"
#include "sim/base/time.hpp"
#include "sim/serve/kv/hash_index.hpp"

namespace memwall {

/// Blocks lo .. hi-1 of a run of content (see content.hpp).
struct RunPiece {
  std::uint64_t run = 0;
  std::int64_t lo = 0;
  std::int64_t hi = 0;
  [[nodiscard]] std::int64_t blocks() const { return hi - lo; }
};

/// What a store has seen, in blocks. held + evicted = stored at any time.
struct TierTotals {
  std::int64_t stored = 0;   ///< blocks that were given room
  std::int64_t held = 0;     ///< that have room now
  std::int64_t peak = 0;     ///< the most that had
  std::int64_t evicted = 0;  ///< that lost it, for whatever reason
  std::int64_t expired = 0;  ///< of these, because nobody had used them for the time to live
  std::int64_t read = 0;
  std::int64_t refused = 0;     ///< that found no room, because all others were being read or written
  std::int64_t loads = 0;       ///< requests that read something
  double block_seconds = 0;     ///< room taken, over time
  std::int64_t stalled_ps = 0;  ///< sum of the times that requests waited for loads that ended here
};

/// A least-recently-used cache of pieces of runs. Of each run it keeps one stretch of blocks; its last blocks go first,
/// because a prefix without its end can be hit and an end without its beginning cannot. Blocks that are being written
/// have room and cannot be read; blocks that are being read or written do not go. Memory is one entry of 64 bytes a
/// run, however many blocks it has.
class TierStore {
 public:
  /// `capacity` in blocks, at least 1. Pieces that nobody has used for `time_to_live` are gone.
  TierStore(std::int64_t capacity, Duration time_to_live);

  /// Blocks from `first` on, at most `blocks`, of the run that can be read now.
  [[nodiscard]] std::int64_t readable(std::uint64_t run, std::int64_t first, std::int64_t blocks, Time now) const;
  /// Makes room for what of the piece has none yet, and answers that part; empty where there is no room to make. What
  /// goes for it is added to `gone`.
  [[nodiscard]] RunPiece reserve(const RunPiece& piece, Time now, std::vector<RunPiece>& gone);
  /// A reserved piece is written and can be read.
  void written(const RunPiece& piece, Time now);
  /// A piece that can be read is being read; it stays until `read_done`.
  void read_begins(const RunPiece& piece, Time now);
  void read_done(const RunPiece& piece, Time now);

  [[nodiscard]] std::int64_t capacity() const { return capacity_; }
  /// Takes the time until `now` into account.
  [[nodiscard]] const TierTotals& totals(Time now);
  TierTotals& tally() { return totals_; }

 private:
  struct Entry {
    std::uint64_t run = 0;
    std::int64_t lo = 0, hi = 0;            ///< blocks that have room
    std::int64_t read_lo = 0, read_hi = 0;  ///< of these, those that can be read
    Time used;
    std::int32_t pins = 0;
    std::int32_t before = 0, after = 0;  ///< by last use; entry 0 is the anchor, the longest unused stands behind it
  };
  using Id = std::int32_t;

  [[nodiscard]] Entry& at(Id id) { return entries_[static_cast<std::size_t>(id)]; }
  [[nodiscard]] const Entry& at(Id id) const { return entries_[static_cast<std::size_t>(id)]; }
  void touch(Id id, Time now);
  void unpin(Id id, Time now);
  void unlink(Id id);
  void link_last(Id id);
  [[nodiscard]] bool expired(const Entry& entry, Time now) const;
  void pass(Time now);
  void lose(Id id, std::int64_t blocks);
  void drop_if_empty(Id id);

  std::int64_t capacity_;
  Duration time_to_live_;
  std::vector<Entry> entries_;
  std::vector<Id> unused_;
  HashIndex index_{64};
  TierTotals totals_;
  Time counted_until_;
};

}  // namespace memwall
