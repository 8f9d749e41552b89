// The context of one conversation: what its next prompt holds, and what is left of it.
#pragma once

#include <cstdint>

#include "sim/base/random.hpp"
#include "sim/serve/request.hpp"
#include "workloads/generators/prefix_groups.hpp"
#include "workloads/stop_rule.hpp"

namespace memwall {

/// Everything that was said so far, behind a prefix that others may share. Each request's prompt is all of it and what
/// was added since; its answer becomes a part of it. A compaction replaces it by a summary, whose tokens are new to
/// every cache because they stand behind another prefix than when they were generated.
class Conversation {
 public:
  /// `identity` names its tokens: no two conversations have the same.
  Conversation(const Prefix& prefix, std::uint64_t identity) : prefix_(prefix), identity_(identity) {}

  /// Adds tokens that the next prompt ends with.
  void add(std::int64_t tokens) { added_ += tokens; }
  /// Tokens of the next prompt.
  [[nodiscard]] std::int64_t prompt_tokens() const { return prefix_.range.end + context_ + added_; }
  /// Whether there is something that a summary could replace: it has been answered since it was last compacted.
  [[nodiscard]] bool compactable() const { return context_ > summary_; }

  /// Fills in the prompt and an answer of so many tokens. True when the cap of the rule ended the answer early.
  bool ask(std::int64_t answer_tokens, const StopRule& stop, Request& request) const;
  /// The same for a summary of what was said; what was added waits.
  bool ask_for_summary(std::int64_t summary_tokens, const StopRule& stop, Request& request) const;

  /// The answer is complete.
  void answered(std::int64_t answer_tokens);
  /// The summary is complete and stands for everything before it.
  void summarised(std::int64_t summary_tokens);

 private:
  [[nodiscard]] std::uint64_t stream() const;

  Prefix prefix_;
  std::uint64_t identity_;
  std::uint64_t compactions_ = 0;
  std::int64_t context_ = 0;  ///< tokens behind the prefix that have been answered
  std::int64_t summary_ = 0;  ///< of these, how many are the summary
  std::int64_t added_ = 0;    ///< tokens since
};

}  // namespace memwall
