// Distributions of prompt and answer lengths.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "sim/base/random.hpp"
#include "sim/base/reader.hpp"

namespace memwall {

struct FixedLength {
  std::int64_t tokens = 1;
};

/// Every whole number from low to high, both included.
struct UniformLength {
  std::int64_t low = 1;
  std::int64_t high = 1;
};

/// A lognormal with this mean and coefficient of variation before truncation, rounded to whole tokens and drawn again
/// until it is inside low .. high (both included). In terms of ln(tokens): sigma^2 = ln(1 + cv^2), mu = ln(mean) -
/// sigma^2 / 2.
struct LognormalLength {
  double mean = 1;
  double cv = 1;
  std::int64_t low = 1;
  std::int64_t high = 1;
};

/// A quantile grid, linear between its points; probabilities rise from 0 to 1, values do not fall and are at least 1.
struct EmpiricalLength {
  std::vector<double> probabilities;
  std::vector<double> values;
};

using Length = std::variant<FixedLength, UniformLength, LognormalLength, EmpiricalLength>;

/// Tokens of one draw, at least 1. Throws InputError for a lognormal that is almost never inside its bounds.
[[nodiscard]] std::int64_t draw_length(const Length& length, const DrawKey& key);

/// Reads a length at `key`: a whole number, or an object with a `distribution`.
[[nodiscard]] Length read_length(Reader& reader, std::string_view key, std::string_view doc);

}  // namespace memwall
