// What a question to a comparison is given, and what it answers.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/config/json_writer.hpp"
#include "tools/compare/contender.hpp"

namespace memwall::tools::compare {

/// The scenarios that stand against each other and what their runs came to, in the same order.
struct Field {
  const Catalogue& catalogue;
  std::vector<Sheet> sheets;
  std::vector<Contender> contenders;
  std::int64_t replications = 1;
  Parallel parallel;
};

struct Answer {
  std::string text;
  std::string key;                        ///< of the answer in the comparison's JSON; empty: it has none there
  std::function<void(JsonWriter&)> json;  ///< writes the value of that key
  std::string csv;                        ///< empty: it has no table
  std::string vega;                       ///< a Vega-Lite 5 specification; empty: it has no drawing
};

}  // namespace memwall::tools::compare
