#include "sim/config/json_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <tuple>
#include <utility>

#include "sim/base/suggest.hpp"
#include "sim/base/units.hpp"
#include "sim/config/json_override.hpp"

namespace memwall::json {
namespace {

/// Nothing where the value is within bounds. A bound at the end of its type's range is none that a user set.
template <class T>
std::optional<std::string> bounds_problem(const std::string& shown, T value, T low, T high) {
  if (value >= low && value <= high) return std::nullopt;
  if (high < std::numeric_limits<T>::max()) return fmt::format("{} is outside {}..{}", shown, low, high);
  return fmt::format("{} is less than {}, the least value allowed", shown, low);
}

}  // namespace

std::vector<Fault> Findings::in_order() && {
  std::vector<Fault> out;
  std::set<std::tuple<std::string, int, std::string, std::string>> seen;
  for (Fault& each : faults) {
    if (seen.emplace(each.file, each.line, each.pointer, each.message).second) out.push_back(std::move(each));
  }
  const auto place = [this](const Fault& each) {
    if (each.file == override_file) return std::pair(2, 0);
    return each.file == file ? std::pair(0, each.line) : std::pair(1, 0);
  };
  std::stable_sort(out.begin(), out.end(), [&](const Fault& a, const Fault& b) { return place(a) < place(b); });
  return out;
}

std::optional<std::int64_t> Values::whole_number(const std::string& pointer, const Node& node,
                                                 const IntegerRule& rule) {
  if (node.kind != Kind::number) {
    wrong_kind(pointer, node, "a whole number");
    return std::nullopt;
  }
  if (!node.integer) {
    const bool whole = std::isfinite(node.number) && std::trunc(node.number) == node.number;
    fault(node.line, pointer,
          node.text + (whole ? " is too large for a whole number of 64 bits" : " is not a whole number"));
    return std::nullopt;
  }
  if (auto problem = bounds_problem(node.text, *node.integer, rule.low, rule.high)) {
    fault(node.line, pointer, std::move(*problem));
    return std::nullopt;
  }
  return node.integer;
}

std::optional<double> Values::number(const std::string& pointer, const Node& node, const NumberRule& rule) {
  const std::optional<double> value = plain_number(pointer, node);
  if (!value) return std::nullopt;
  if (auto problem = bounds_problem(node.text, *value, rule.low, rule.high)) {
    fault(node.line, pointer, std::move(*problem));
    return std::nullopt;
  }
  return value;
}

std::optional<double> Values::plain_number(const std::string& pointer, const Node& node) {
  if (node.kind != Kind::number) {
    wrong_kind(pointer, node, "a plain number");
    return std::nullopt;
  }
  if (!std::isfinite(node.number)) {
    fault(node.line, pointer, node.text + " is not finite; write a finite number");
    return std::nullopt;
  }
  return node.number;
}

std::optional<double> Values::quantity(const std::string& pointer, const Node& node, Dimension dimension) {
  if (dimension == Dimension{}) return plain_number(pointer, node);
  const std::string_view example = units::example(dimension);
  if (node.kind == Kind::number) {
    fault(node.line, pointer, fmt::format("{} has no unit; write for example \"{}\"", node.text, example));
    return std::nullopt;
  }
  if (node.kind != Kind::text) {
    wrong_kind(pointer, node, fmt::format("a text with a unit like \"{}\"", example));
    return std::nullopt;
  }
  units::Parsed parsed = units::parse(node.text, dimension);
  if (!parsed.value) fault(node.line, pointer, std::move(parsed.problem));
  return parsed.value;
}

std::optional<std::size_t> Values::position_among(const std::vector<std::string>& names, const std::string& pointer,
                                                  const Node& node) {
  if (node.kind != Kind::text) {
    wrong_kind(pointer, node, fmt::format("one of the texts {}", fmt::join(names, ", ")));
    return std::nullopt;
  }
  const auto found = std::find(names.begin(), names.end(), node.text);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  fault(node.line, pointer, fmt::format("\"{}\" is unknown; {}", node.text, suggestion(node.text, names)));
  return std::nullopt;
}

void Values::wrong_kind(const std::string& pointer, const Node& node, std::string_view wanted) {
  std::string message = fmt::format("{} stands where {} is meant", describe(node), wanted);
  if (node.kind == Kind::null) message += "; leave the key out to take its default";
  fault(node.line, pointer, std::move(message));
}

void Values::fault(int line, std::string pointer, std::string message) {
  if (silent_) return;
  std::string file = line == 0 ? std::string(override_file) : findings_.file;
  findings_.faults.push_back({std::move(file), line, std::move(pointer), std::move(message)});
}

}  // namespace memwall::json
