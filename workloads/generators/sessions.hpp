// Conversations of many turns: people who read and think, agents that call tools and start subagents.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "sim/serve/source.hpp"
#include "workloads/generators/beginnings.hpp"
#include "workloads/generators/delays.hpp"
#include "workloads/generators/lengths.hpp"
#include "workloads/generators/prefix_groups.hpp"
#include "workloads/stop_rule.hpp"

namespace memwall {

/// After the user wrote, the model calls tools: each answer but the last of the turn is a call, whose result is added
/// to the context before the next request.
struct ToolLoop {
  double share = 1;  ///< of the turns that use tools
  Length calls;      ///< of such a turn
  Length result;     ///< tokens that a call adds
  Delay delay;       ///< from the answer that calls to the request that has the result
};

/// Some calls start subagents side by side, conversations with tool loops of their own, instead of a tool. The parent
/// goes on when all have ended, with their last answers as the result.
struct Subagents {
  double share = 0;  ///< of the calls of a main conversation
  Length count;
  std::int64_t system_tokens = 0;  ///< of the prompt that all subagents share; 0 = none
  Length task;                     ///< tokens of their own that each begins with
  Length calls;                    ///< of tools by each
};

/// Before a prompt of more than `limit` tokens is sent, the context is sent for a summary, which then replaces it.
struct Compaction {
  std::int64_t limit = 0;
  Length summary;
};

struct SessionOptions {
  BeginningKeys begin;          ///< of sessions
  PrefixGroups system;          ///< system prompts; each session has one of them
  Length turns;                 ///< messages of the user
  std::optional<Length> first;  ///< tokens of the first one; absent: like the others
  Length user;                  ///< tokens of a message
  Length answer;                ///< tokens of every answer, calls of tools among them
  Delay think;                  ///< from an answer to the user's next message
  std::optional<ToolLoop> tools;
  std::optional<Subagents> subagents;  ///< only where there are tools
  std::optional<Compaction> compaction;
  StopRule stop;
};

/// A session ends after its last turn, or with a request that is not answered to its end. Draws depend on (seed,
/// workload, number of the session, its subagent, its step) alone. Memory grows with the sessions under way.
[[nodiscard]] std::unique_ptr<RequestSource> session_requests(const SessionOptions& options,
                                                              const SourceContext& context);

/// Reads the keys of source kind `sessions`.
[[nodiscard]] std::function<std::unique_ptr<RequestSource>(const SourceContext&)> read_session_source(Reader& reader);

}  // namespace memwall
