#include "workloads/stop_rule.hpp"

namespace memwall {

StopRule read_stop_rule(Reader& reader) {
  StopRule rule;
  reader.variant(
      "stop",
      {{"length", "the engine knows the length of the answer beforehand, as a cap on its tokens", [](Reader&) {}},
       {"eos", "the model ends the answer, and the engine cannot know when",
        [&rule](Reader& keys) {
          rule.eos = true;
          rule.max_tokens = keys.integer("max_tokens", {.fallback = std::nullopt, .low = 1},
                                         "the engine's cap on generated tokens, which ends longer answers");
        }}},
      0, "what ends an answer");
  return rule;
}

}  // namespace memwall
