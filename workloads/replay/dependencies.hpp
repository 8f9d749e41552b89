// Which rows of a trace wait for which: sessions and agents are closed loops, whose next request arrives when those
// before it have ended.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "workloads/formats/trace_row.hpp"

namespace memwall {

/// A row that waits for others: it arrives `delay_ns` after the last of them has ended, and not before `time_ns`.
struct Follower {
  static constexpr std::int64_t any_time = std::numeric_limits<std::int64_t>::min();

  RowPlace place;
  std::int64_t delay_ns = 0;
  std::int64_t time_ns = any_time;  ///< in the trace's time
  std::int32_t waits_for = 0;       ///< rows
};

/// "The follower waits for that row."
struct Wait {
  std::int64_t row = 0;
  std::size_t follower = 0;
};

/// What becomes of a usable row.
enum class Fate : std::uint8_t { open, follows, outside_window, thinned, session_without_start, missing_time };

/// Decides row by row, in the order of the file. A row may wait for rows before it only.
///
/// A row that names its delay waits for its predecessors and that delay. Where the trace recorded times instead, the
/// delay is the time from the end of the last predecessor to the row's arrival; where no end was recorded, the row
/// arrives at its own time, or when its predecessors have ended, whatever is later. In a session whose calls overlap
/// (ends are recorded), a call waits for those calls that had ended before it began and that no other ended call waited
/// for: what it can have known of.
class Dependencies {
 public:
  /// With `open_sessions` every row that has a time arrives at it.
  explicit Dependencies(bool open_sessions) : open_sessions_(open_sessions) {}

  struct Circumstances {
    bool inside_window = true;  ///< of a row that has a time
    bool thinned = false;
  };
  [[nodiscard]] Fate take(const TraceRow& row, Circumstances circumstances);

  /// Takes note of a row that cannot be replayed: what waits for it waits for what it would have waited for.
  void dropped(const TraceRow& row);

  /// Rows whose predecessor is not in the file.
  [[nodiscard]] std::int64_t orphans() const { return orphans_; }

  /// By place in the file.
  [[nodiscard]] std::vector<Follower> followers() { return std::move(followers_); }
  /// By row, then by follower.
  [[nodiscard]] std::vector<Wait> waits();
  /// Name -> number, in order of first appearance.
  [[nodiscard]] std::map<std::string, std::int64_t, std::less<>> sessions() const;

 private:
  static constexpr std::int64_t unknown = std::numeric_limits<std::int64_t>::min();

  struct Parent {
    std::int64_t row = 0;
    std::int64_t end_ns = unknown;  ///< as recorded
  };
  struct Call {
    Parent call;
    std::int64_t follower_end_ns;  ///< the earliest end of a call that waited for it
  };
  struct Session {
    std::int64_t number = -1;
    Parent last{-1, unknown};
    std::int64_t wait_ns = -1;   ///< from its end to the next row, where it says so
    Fate excluded = Fate::open;  ///< why its rows are left out, where they are
    std::vector<Call> calls;     ///< whose ends are recorded, as far as somebody may still wait for them
  };
  struct Named {
    Parent row;                   ///< of a row that is replayed
    Fate fate = Fate::open;       ///< why it is not
    std::vector<Parent> parents;  ///< of a row that was dropped
    std::int64_t delay_ns = 0;    ///< of a row that was dropped
  };

  Session* session(const TraceRow& row);
  void find_session_parents(const Session& session, const TraceRow& row);
  /// Appends the rows that the names mean. Answers why none of them is replayed, where that is so.
  Fate find_named_parents(const TraceRow& row);
  void tidy_parents();  ///< ascending, each once
  void record(const TraceRow& row, Session* session);
  Fate follow(const TraceRow& row);

  bool open_sessions_;
  std::int64_t orphans_ = 0;
  std::vector<Parent> parents_;          ///< of the row at hand
  std::int64_t inherited_delay_ns_ = 0;  ///< of dropped rows between it and its parents
  bool delay_known_ = false;             ///< whether the trace says its delay
  std::vector<Follower> followers_;
  std::vector<Wait> waits_;
  std::map<std::string, Session, std::less<>> sessions_;
  // Looked up only, by the hash of the name: order never reaches a result.
  std::unordered_map<std::uint64_t, Named> names_;
};

}  // namespace memwall
