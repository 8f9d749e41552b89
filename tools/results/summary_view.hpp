// A summary.json as other verbs look at it: numbers by pointer, seconds by tier, versions.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>

#include "sim/config/json.hpp"
#include "tools/results/snapshot.hpp"

namespace memwall::tools {

/// Whether a summary leaves out the number at this pointer where it is zero: a tier or limit of a group of shares.
[[nodiscard]] bool absent_is_zero(std::string_view pointer);

class SummaryView {
 public:
  /// `text` is a summary.json that is called `name` in messages. Throws InputError where it is none.
  SummaryView(std::string_view text, std::string name);

  /// What stands at a pointer: a number (true is 1), a text, or a sentence that says why there is neither. Tiers and
  /// limits that a group of shares leaves out are 0, as the writer of summaries means it.
  struct Missing {
    std::string why;
  };
  using Value = std::variant<double, std::string, Missing>;
  [[nodiscard]] Value at(std::string_view pointer) const;

  /// Every number of the results by its pointer, without the scenario, the assumptions and notes.
  [[nodiscard]] std::map<std::string, double> numbers() const;

  /// What a later run is compared with.
  [[nodiscard]] Snapshot snapshot() const;

  [[nodiscard]] const json::Node& root() const { return tree_.root; }

 private:
  [[nodiscard]] std::string text_at(std::string_view pointer) const;
  [[nodiscard]] double number_at(std::string_view pointer) const;

  json::Tree tree_;
};

}  // namespace memwall::tools
