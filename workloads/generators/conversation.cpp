#include "workloads/generators/conversation.hpp"

#include "sim/base/hash.hpp"

namespace memwall {

std::uint64_t Conversation::stream() const { return Hasher(identity_).add("said").add(compactions_).value(); }

bool Conversation::ask(std::int64_t answer_tokens, const StopRule& stop, Request& request) const {
  request.input_tokens = prompt_tokens();
  const bool capped = stop.apply(answer_tokens, request);
  request.prompt.clear();
  if (prefix_.range.end > 0) request.prompt.push_back(prefix_.range);
  // Up to the end of the answer, which the next prompt repeats.
  request.prompt.push_back({stream(), 0, context_ + added_ + request.output_tokens});
  return capped;
}

bool Conversation::ask_for_summary(std::int64_t summary_tokens, const StopRule& stop, Request& request) const {
  request.input_tokens = prefix_.range.end + context_;
  const bool capped = stop.apply(summary_tokens, request);
  request.prompt.clear();
  if (prefix_.range.end > 0) request.prompt.push_back(prefix_.range);
  request.prompt.push_back({stream(), 0, context_});
  return capped;
}

void Conversation::answered(std::int64_t answer_tokens) {
  context_ += added_ + answer_tokens;
  added_ = 0;
}

void Conversation::summarised(std::int64_t summary_tokens) {
  ++compactions_;
  context_ = summary_ = summary_tokens;
}

}  // namespace memwall
