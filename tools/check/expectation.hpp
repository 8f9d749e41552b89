// What somebody expects of a scenario's results: NAME.expect.json beside NAME.json.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/results/snapshot.hpp"

namespace memwall::tools::check {

/// One statement about one number or text of summary.json. At least one of the conditions is set.
struct Expectation {
  std::string metric;  ///< a JSON pointer into summary.json, such as /latency/ttft_s/p95
  std::optional<double> is;
  std::optional<double> near;
  double within = 0;  ///< relative to `near`
  std::optional<double> at_least;
  std::optional<double> at_most;
  std::optional<std::string> text;
  std::string why;
};

struct Expectations {
  std::vector<Expectation> all;
  std::string refused;  ///< not empty: the scenario must be refused with a message that holds this
  /// What the results were when the file was last written: no condition, but what a later difference is explained by.
  std::optional<Snapshot> seen;
};

/// Throws InputError with every fault of the file.
[[nodiscard]] Expectations load_expectations(const std::string& path);

[[nodiscard]] std::string expectations_json(const Expectations& expectations);

}  // namespace memwall::tools::check
