// Looking things up in a summary, and numbers as a page shows them.
#pragma once

#include <string>
#include <string_view>

#include "sim/config/json.hpp"
#include "tools/results/summary_view.hpp"

namespace memwall::tools::report {

/// The number at a pointer of the summary; `otherwise` where there is none.
[[nodiscard]] double number_at(const SummaryView& summary, std::string_view pointer, double otherwise = 0);
[[nodiscard]] bool has_number(const SummaryView& summary, std::string_view pointer);
/// The text at a pointer; empty where there is none.
[[nodiscard]] std::string text_at(const SummaryView& summary, std::string_view pointer);

/// A member of a node that must be there: throws InputError where a file of results lacks it.
[[nodiscard]] const json::Node& member(const json::Node& node, std::string_view key);

/// "80.3 GB", "3.35 TB/s", "12.5 %".
[[nodiscard]] std::string bytes_text(double bytes);
[[nodiscard]] std::string rate_text(double bytes_per_second);
[[nodiscard]] std::string share_text(double share);

/// The unit in which a span of time is best read, and how many of it a second has.
struct TimeUnit {
  std::string name;
  double per_second = 1;
};
[[nodiscard]] TimeUnit time_unit(double duration_s);

}  // namespace memwall::tools::report
