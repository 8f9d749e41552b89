#include "tools/report/facts.hpp"

#include <fmt/format.h>

#include "sim/base/error.hpp"

namespace memwall::tools::report {

double number_at(const SummaryView& summary, std::string_view pointer, double otherwise) {
  const SummaryView::Value value = summary.at(pointer);
  const auto* number = std::get_if<double>(&value);
  return number != nullptr ? *number : otherwise;
}

bool has_number(const SummaryView& summary, std::string_view pointer) {
  return std::holds_alternative<double>(summary.at(pointer));
}

std::string text_at(const SummaryView& summary, std::string_view pointer) {
  const SummaryView::Value value = summary.at(pointer);
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr ? *text : std::string();
}

const json::Node& member(const json::Node& node, std::string_view key) {
  const json::Node* found = node.find(key);
  if (found == nullptr) {
    throw InputError("line " + std::to_string(node.line) + " of a file of results lacks \"" + std::string(key) +
                     "\"; make the folder anew with this version of memwall run");
  }
  return *found;
}

namespace {
/// Three digits are enough to read.
std::string short_text(double value, std::string_view unit) {
  constexpr std::string_view prefixes[] = {"", "k", "M", "G", "T", "P"};
  std::size_t prefix = 0;
  for (; value >= 999.5 && prefix + 1 < std::size(prefixes); ++prefix) value /= 1000;
  return fmt::format("{:.3g} {}{}", value, prefixes[prefix], unit);
}
}  // namespace

std::string bytes_text(double bytes) { return short_text(bytes, "B"); }
std::string rate_text(double bytes_per_second) { return short_text(bytes_per_second, "B/s"); }
std::string share_text(double share) { return fmt::format("{:.1f} %", share * 100); }

TimeUnit time_unit(double duration_s) {
  if (duration_s >= 3 * 3600.0) return {"h", 1 / 3600.0};
  if (duration_s >= 600) return {"min", 1 / 60.0};
  if (duration_s >= 0.5) return {"s", 1};
  return {"ms", 1000};
}

}  // namespace memwall::tools::report
