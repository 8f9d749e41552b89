// Conditions on how a result may differ from the first: what makes a comparison fail.
#pragma once

#include <string>
#include <vector>

#include "tools/compare/contender.hpp"

namespace memwall::tools::compare {

/// "/latency/ttft_s/p95<=1.05": the metric of every other contender is at most 1.05 times that of the first.
struct Gate {
  std::string text;
  std::string pointer;
  bool at_most = true;
  double factor = 1;
};

/// Throws InputError for anything that is no pointer, `<=` or `>=`, and a factor above 0.
[[nodiscard]] Gate parse_gate(const std::string& text);

/// One sentence for each contender that breaks the gate; a metric that one of the two does not know breaks it.
[[nodiscard]] std::vector<std::string> broken_gate(const Gate& gate, const std::vector<Contender>& contenders);

}  // namespace memwall::tools::compare
