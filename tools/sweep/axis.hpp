// One axis of a sweep: a place in the scenario and the values that it takes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace memwall::tools::sweep {

/// A stretch of numbers, all with the same unit.
struct Range {
  double low = 0;
  double high = 0;
  std::int64_t steps = 0;  ///< 0: the design says how many values there are
  bool log = false;        ///< even in the logarithm
  bool whole = false;      ///< rounded to whole numbers
  std::string unit;        ///< behind each number, such as "/s" or "%"; empty for bare numbers

  /// The value at a share of the way, 0 to 1, as a scenario has it: with its unit, at most 12 significant digits, so
  /// that 1:16:5:log is 1, 2, 4, 8, 16.
  [[nodiscard]] std::string at(double share) const;
};

struct Axis {
  std::string pointer;
  std::string written;              ///< behind the =, as the user wrote it
  std::vector<std::string> values;  ///< of a list, or the steps of a range that has steps
  std::optional<Range> range;
};

/// Reads "/json/pointer=a,b,c" (JSON values or text; commas inside of brackets and quotes do not divide) or
/// "/json/pointer=lo:hi:n[:log][:int][ unit]"; without n for a design that draws. Throws InputError.
[[nodiscard]] Axis parse_axis(std::string_view written);

/// All of them; throws InputError with every fault, two axes of one pointer or one inside of the other among them.
[[nodiscard]] std::vector<Axis> parse_axes(const std::vector<std::string>& written);

/// The number that a value begins with and the unit behind it; nothing where it is no number.
struct NumberWithUnit {
  double number = 0;
  std::string unit;
};
[[nodiscard]] std::optional<NumberWithUnit> number_of(std::string_view value);

}  // namespace memwall::tools::sweep
