#include "tools/sweep/axis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "sim/base/error.hpp"
#include "sim/base/math.hpp"

namespace memwall::tools::sweep {
namespace {

/// More steps than any machine would simulate; a larger number is a slip of the pen.
constexpr std::int64_t most_steps = 1'000'000;

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts(1);
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\' && i + 1 < text.size()) {
      parts.back() += c;
      parts.back() += text[++i];
      continue;
    }
    if (c == '"') quoted = !quoted;
    if (!quoted && (c == '[' || c == '{')) ++depth;
    if (!quoted && (c == ']' || c == '}')) --depth;
    if (c == at && !quoted && depth == 0) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::optional<double> whole_text_as_number(std::string_view text) {
  const std::optional<NumberWithUnit> found = number_of(text);
  return found && found->unit.empty() ? std::optional(found->number) : std::nullopt;
}

/// A range begins with a number and a colon; a list may hold colons anywhere else.
bool looks_like_range(std::string_view text) {
  const std::size_t colon = text.find(':');
  return colon != std::string_view::npos && whole_text_as_number(text.substr(0, colon)).has_value();
}

[[noreturn]] void refuse(std::string_view what, const std::string& why) {
  throw InputError(fmt::format("--vary {}: {}", what, why));
}

/// Takes ":log" and ":int" off the end of the parts.
void take_marks(std::vector<std::string>& parts, Range& range) {
  while (parts.size() > 2) {
    if (parts.back() == "log" && !range.log) {
      range.log = true;
    } else if (parts.back() == "int" && !range.whole) {
      range.whole = true;
    } else {
      return;
    }
    parts.pop_back();
  }
}

Range parse_range(std::string_view written, std::string_view text) {
  Range range;
  const std::size_t space = text.find(' ');
  if (space != std::string_view::npos) range.unit = trimmed(text.substr(space));
  std::vector<std::string> parts = split(text.substr(0, space), ':');
  take_marks(parts, range);
  constexpr const char* form = "a range is lo:hi:n[:log][:int][ unit], such as \"1:16:5:log /s\"";
  if (parts.size() < 2 || parts.size() > 3) refuse(written, form);
  const auto low = whole_text_as_number(parts[0]);
  const auto high = whole_text_as_number(parts[1]);
  if (!low || !high) refuse(written, form);
  range.low = *low;
  range.high = *high;
  if (parts.size() == 3) {
    const char* end = parts[2].data() + parts[2].size();
    const auto [stop, error] = std::from_chars(parts[2].data(), end, range.steps);
    if (error != std::errc() || stop != end) refuse(written, form);
    if (range.steps < 2 || range.steps > most_steps) {
      refuse(written, fmt::format("{} steps: a range has 2 to {}", parts[2], most_steps));
    }
  }
  if (range.low == range.high) refuse(written, "both ends of the range are the same; write the value alone");
  if (range.log && !(range.low > 0 && range.high > 0)) {
    refuse(written, "a range that is even in the logarithm has both ends above 0");
  }
  return range;
}

std::optional<std::string> repeated(const std::vector<std::string>& values) {
  std::set<std::string> seen;
  for (const std::string& value : values) {
    if (!seen.insert(value).second) return value;
  }
  return std::nullopt;
}

}  // namespace

std::optional<NumberWithUnit> number_of(std::string_view value) {
  NumberWithUnit out;
  const char* begin = value.data();
  const char* end = begin + value.size();
  // from_chars knows no plus sign, which a change such as "+10%" has.
  if (value.size() > 1 && *begin == '+' && value[1] != '-') ++begin;
  const auto [stop, error] = std::from_chars(begin, end, out.number);
  if (error != std::errc() || !std::isfinite(out.number)) return std::nullopt;
  out.unit = trimmed({stop, static_cast<std::size_t>(end - stop)});
  return out;
}

std::string Range::at(double share) const {
  double number = log ? low * math::pow(high / low, share) : low + (high - low) * share;
  if (share == 0) number = low;
  if (share == 1) number = high;
  if (whole) number = std::nearbyint(number);
  std::string out = fmt::format("{:.12g}", number);
  if (!unit.empty()) out += (unit.front() == '%' ? "" : " ") + unit;
  return out;
}

Axis parse_axis(std::string_view written) {
  Axis axis;
  const std::size_t equals = written.find('=');
  if (equals == std::string_view::npos || written.empty() || written.front() != '/') {
    refuse(written, "write /json/pointer=a,b,c or /json/pointer=lo:hi:n[:log][:int][ unit]");
  }
  axis.pointer = written.substr(0, equals);
  axis.written = written.substr(equals + 1);
  const std::string_view text = trimmed(axis.written);
  if (text.empty()) refuse(written, "has no values");
  if (looks_like_range(text)) {
    axis.range = parse_range(written, text);
    const std::int64_t last = axis.range->steps - 1;
    for (std::int64_t i = 0; i <= last; ++i) {
      axis.values.push_back(axis.range->at(static_cast<double>(i) / static_cast<double>(last)));
    }
  } else {
    for (const std::string& part : split(text, ',')) {
      axis.values.emplace_back(trimmed(part));
      if (axis.values.back().empty()) refuse(written, "has an empty value; values are divided by single commas");
    }
  }
  if (const auto twice = repeated(axis.values)) {
    refuse(written, fmt::format("has the value {} twice{}", *twice,
                                axis.range && axis.range->whole ? "; whole numbers allow fewer steps" : ""));
  }
  return axis;
}

std::vector<Axis> parse_axes(const std::vector<std::string>& written) {
  std::vector<Axis> axes;
  std::vector<Fault> faults;
  for (const std::string& each : written) {
    try {
      axes.push_back(parse_axis(each));
    } catch (const InputError& error) {
      faults.insert(faults.end(), error.faults().begin(), error.faults().end());
    }
  }
  for (std::size_t i = 0; i < axes.size(); ++i) {
    for (std::size_t j = 0; j < axes.size(); ++j) {
      const std::string& outer = axes[i].pointer;
      const std::string& inner = axes[j].pointer;
      std::string why;
      if (i < j && inner == outer) why = "two axes have this pointer; write all values behind one";
      if (i != j && inner.starts_with(outer + "/")) why = "lies inside of " + outer + ", which is an axis too";
      if (!why.empty()) faults.push_back({{}, 0, "--vary " + inner, why});
    }
  }
  if (!faults.empty()) throw InputError(std::move(faults));
  return axes;
}

}  // namespace memwall::tools::sweep
