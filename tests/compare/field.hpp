// Comparisons of small scenarios in memory.
#pragma once

#include <string>
#include <vector>

#include "tools/catalogue.hpp"
#include "tools/compare/question.hpp"

namespace memwall::test {

/// `pool` is inside of the braces of the one pool, `model` behind the model's name, `root` in front of the workload.
struct Small {
  std::string pool = R"("device": "h100_sxm")";
  std::string model;
  std::string root;
  std::string config = "meta-llama/Llama-3.1-8B";
  std::string arrivals = R"({ "process": "poisson", "rate": "20 /s" })";
};

inline std::string text_of(const Small& small) {
  return R"({ "schema": 1, "model": { "config": ")" + small.config + "\"" + small.model + R"( }, "pools": [ { )" +
         small.pool + " } ], " + small.root + R"(
  "workload": { "source": "synthetic", "requests": 20, "arrivals": )" +
         small.arrivals + R"(,
                "lengths": { "input": 300, "output": 40 } } })";
}

inline tools::compare::Sheet sheet_of(const std::string& name, const std::string& text) {
  return {name, name + ".json", Document::parse(text, name + ".json"), {}, {}};
}

/// What `memwall compare` makes of such scenarios, one after another; called a, b, c, ...
inline tools::compare::Field field_of(const Catalogue& catalogue, const std::vector<std::string>& texts) {
  tools::compare::Field field{catalogue, {}, {}, 1, {}};
  for (const std::string& text : texts) {
    field.sheets.push_back(sheet_of(std::string(1, static_cast<char>('a' + field.sheets.size())), text));
  }
  field.parallel = [](std::size_t count, const auto& work) {
    for (std::size_t i = 0; i < count; ++i) work(i);
  };
  field.contenders = tools::compare::run_contenders(field.sheets, catalogue, 1, field.parallel);
  return field;
}

}  // namespace memwall::test
