// What a check came to, and the forms in which it is told.
#pragma once

#include <string>
#include <vector>

namespace memwall::tools::check {

/// One scenario, or one pair of results.
struct Verdict {
  std::string name;                       ///< path of the scenario
  std::size_t statements = 0;             ///< that were looked at
  std::vector<std::string> broken;        ///< one sentence each; empty = all hold
  std::string cause;                      ///< which input a difference comes from; empty where there is none
  std::vector<std::string> moved;         ///< tiers, largest first
  std::string note;                       ///< what else is worth a line: written, updated, no expectations
  bool skipped = false;                   ///< nothing is expected of it
  std::vector<std::string> changes = {};  ///< statements brought up, one each with the value before and after

  [[nodiscard]] bool holds() const { return broken.empty(); }
};

/// Lines for the terminal, failures with their reasons, and a last line that counts.
[[nodiscard]] std::string terminal_text(const std::vector<Verdict>& verdicts);

/// JUnit XML as CI servers read it (https://github.com/testmoapp/junitxml): one suite, a case for each scenario. Text
/// of scenarios is escaped.
[[nodiscard]] std::string junit_xml(const std::vector<Verdict>& verdicts);

/// A table and the reasons, for a comment or a job summary.
[[nodiscard]] std::string markdown(const std::vector<Verdict>& verdicts);

}  // namespace memwall::tools::check
