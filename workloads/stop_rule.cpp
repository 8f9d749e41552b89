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
  if (const auto timeout = reader.optional_quantity<Seconds>(
          "timeout",
          "a client gives up so long after its request arrived, unless the answer is complete; by default it "
          "waits for ever")) {
    if (timeout->value >= 1e-6 && timeout->value <= 86400) {
      rule.timeout = Duration::from(*timeout);
    } else {
      reader.fault("timeout", "is how long a client waits, from 1 us to a day, such as \"30 s\"");
    }
  }
  return rule;
}

}  // namespace memwall
