// Conversations and agents of a trace in numbers: how long they are, what each call adds, and how long people, tools
// and servers take.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "workloads/formats/trace_row.hpp"
#include "workloads/replay/trace_survey.hpp"

namespace memwall {

/// Quantiles of some values (1, 25, 50, 75, 90, 99 %, interpolated linearly) and how many there were.
struct Spread {
  static constexpr std::array<double, 6> levels = {0.01, 0.25, 0.5, 0.75, 0.9, 0.99};

  std::int64_t count = 0;
  std::array<double, 6> quantiles{};
};

/// The spread of values in any order.
[[nodiscard]] Spread spread_of(std::vector<double> values);

/// Quantiles of `calls` are 10, 50 and 90 %.
struct SessionStats {
  std::int64_t sessions = 0;  ///< that have rows
  std::int64_t rows = 0;      ///< in them
  std::array<double, 3> calls{};
  std::int64_t most_calls = 0;
  Spread first_prompt, last_prompt;  ///< tokens, over sessions
  Spread delay_s;                    ///< from the end of what a row waits for to its arrival
  Spread new_tokens;    ///< of a call behind a session's first, that its earlier calls did not have: by block ids, else
                        ///< by the prefix that was recorded
  Spread reuse;         ///< share of a session's blocks that its earlier calls had, over sessions with ids
  Spread fixed_tokens;  ///< tools and system prompt, over sessions that record them
  Spread service_s;     ///< of a call on the server that was recorded
  Spread first_token_s;  ///< the same until its first token
  std::int64_t successions =
      0;                      ///< calls behind another one of their session, both with a time and the first with an end
  std::int64_t overlaps = 0;  ///< of them, those that arrived before that end
  std::int64_t agents = 0;    ///< rows of subagents and other kinds: those with a class
};

class SessionCounter {
 public:
  /// Takes in a row, those of one session in the order in which they came. Rows outside of sessions only add to the
  /// times of servers.
  void add(const TraceRow& row);

  [[nodiscard]] SessionStats stats(const std::vector<Follower>& followers) const;

 private:
  struct Session {
    std::int64_t calls = 0, first_row = 0, last_row = 0, first_prompt = 0, last_prompt = 0, fixed_tokens = -1;
    std::int64_t blocks = 0, blocks_before = 0;
    std::int64_t ended_ns = -1;  ///< of its last call with a recorded end
    // Looked up only: order never reaches a result.
    std::unordered_set<std::uint64_t> known;
  };
  void add_content(const TraceRow& row, Session& session);
  void add_times(const TraceRow& row, Session& session);

  std::map<std::string, Session, std::less<>> sessions_;
  std::vector<double> new_tokens_, service_s_, first_token_s_;
  std::int64_t successions_ = 0, overlaps_ = 0, agents_ = 0;
};

}  // namespace memwall
