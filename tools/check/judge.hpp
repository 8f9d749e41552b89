// A scenario's results against what is expected of them, and what moved where they differ.
#pragma once

#include <string>
#include <vector>

#include "tools/check/expectation.hpp"
#include "tools/results/summary_view.hpp"

namespace memwall::tools::check {

/// One sentence for each statement that does not hold; empty when all do.
[[nodiscard]] std::vector<std::string> broken(const Expectations& expectations, const SummaryView& summary);

/// Which input a difference comes from: "scenario", "device data", both, or "code" where neither has changed; empty
/// where the results are those that were seen, or nothing was seen before.
[[nodiscard]] std::string cause(const Snapshot& before, const Snapshot& now);

/// The tiers whose critical time moved, largest first: "hbm 39.76 s to 41.2 s (+3.6 %)". At most `most` of them.
[[nodiscard]] std::vector<std::string> moved_tiers(const Snapshot& before, const Snapshot& now, std::size_t most);

/// The statements with their numbers and texts brought up to the results. Relations stay as they are: they are claims,
/// and whoever gives one up should do so by hand.
[[nodiscard]] Expectations brought_up(Expectations expectations, const SummaryView& summary);

/// One line for each statement whose value differs between the two, which have the same statements: "/metric: a to b".
[[nodiscard]] std::vector<std::string> changed_values(const Expectations& before, const Expectations& after);

/// What is expected of a scenario for which nobody has said anything yet: all requests end as they did, the bottleneck
/// stays where it is, and the latencies stay within 5 %.
[[nodiscard]] Expectations first_expectations(const SummaryView& summary);

/// "0.1055", or "300" for a whole number.
[[nodiscard]] std::string number_text(double number);

}  // namespace memwall::tools::check
