// Text with a unit to a quantity and back: the only place that knows 10^12 and 1024.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sim/base/quantity.hpp"

namespace memwall::units {

/// What parsing gave: a value in SI base units, or a sentence that says what would be right.
struct Parsed {
  std::optional<double> value;
  std::string problem;
};

/// Reads "3.35 TB/s", "80 GiB", "2 ms", "700 W", "2.5 USD/h", "989 TFLOP/s", "12 /s" ... into the base unit of
/// `dimension`. A bare number is refused where the dimension is not empty, "Gb/s" is refused as ambiguous (GB/s or
/// Gbit/s), and so are NaN, infinities and negative values.
[[nodiscard]] Parsed parse(std::string_view text, Dimension dimension);

/// The shortest text with a fitting prefix that `parse` reads back, at most 6 significant digits: "3.35 TB/s".
[[nodiscard]] std::string format(double value, Dimension dimension);

template <Dimension D>
[[nodiscard]] std::string format(Quantity<D> quantity) {
  return format(quantity.value, D);
}

/// An example of a value with this dimension, for error messages: "3.35 TB/s" for a bandwidth. Throws LogicError for a
/// dimension that no file may hold.
[[nodiscard]] std::string_view example(Dimension dimension);

/// A regular expression (ECMA-262, as JSON Schema wants it) that accepts what `parse` accepts, up to the magnitude.
[[nodiscard]] std::string pattern(Dimension dimension);

}  // namespace memwall::units
