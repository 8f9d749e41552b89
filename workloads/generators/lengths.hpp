// Distributions of prompt and answer lengths, one by one and together.
#pragma once

#include <cstdint>
#include <optional>
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

/// A normal with this mean and standard deviation before truncation, rounded to whole tokens and drawn again until it
/// is inside low .. high (both included).
struct NormalLength {
  double mean = 1;
  double deviation = 1;
  std::int64_t low = 1;
  std::int64_t high = 1;
};

/// A lognormal with this mean and coefficient of variation before truncation, rounded and drawn again likewise. In
/// terms of ln(tokens): sigma^2 = ln(1 + cv^2), mu = ln(mean) - sigma^2 / 2.
struct LognormalLength {
  double mean = 1;
  double cv = 1;
  std::int64_t low = 1;
  std::int64_t high = 1;
};

/// low, low + 1, ... up to high with probabilities proportional to 1, 2^-exponent, 3^-exponent, ...
struct ZipfLength {
  double exponent = 1;
  std::int64_t low = 1;
  std::int64_t high = 1;
};

/// A quantile grid, linear between its points; probabilities rise from 0 to 1, values do not fall and are at least 1.
struct EmpiricalLength {
  std::vector<double> probabilities;
  std::vector<double> values;
};

using Length = std::variant<FixedLength, UniformLength, LognormalLength, EmpiricalLength, NormalLength, ZipfLength>;

/// Tokens of one draw, at least 1. Throws InputError for a distribution that is almost never inside its bounds.
[[nodiscard]] std::int64_t draw_length(const Length& length, const DrawKey& key);

/// Tokens at the quantile of a standard normal `z`: what a draw of it is when the draw's normal is z. Nothing where
/// that is outside the bounds. A Zipf length has none.
[[nodiscard]] std::optional<std::int64_t> length_at(const Length& length, double z);

/// The longest prompt or answer that a generator makes: far beyond any context, and far inside the range of sums.
inline constexpr std::int64_t most_tokens = 1'000'000'000;

/// Reads a length at `key`: a whole number, or an object with a `distribution`.
[[nodiscard]] Length read_length(Reader& reader, std::string_view key, std::string_view doc);

/// Pairs of lengths that occurred together, with how often.
struct LengthPairs {
  std::vector<std::int64_t> input;
  std::vector<std::int64_t> output;
  std::vector<double> shares;  ///< cumulative; the last is 1
};

/// Prompt and answer of a request.
struct Lengths {
  Length input;
  Length output;
  /// Correlation of the normals behind both draws (a Gaussian copula); 0 = independent.
  double correlation = 0;
  LengthPairs pairs;  ///< where there are some, they stand for all of the above
};

struct DrawnLengths {
  std::int64_t input = 1;
  std::int64_t output = 1;
};

/// One draw of both; purposes are set here. Throws as draw_length does.
[[nodiscard]] DrawnLengths draw_lengths(const Lengths& lengths, DrawKey key);

/// The correlation of two normals whose ranks have this correlation (Spearman's): 2 sin(pi r / 6) (Pearson, 1907).
[[nodiscard]] double normal_correlation(double rank_correlation);

/// Reads the keys of both lengths and of how they go together.
[[nodiscard]] Lengths read_lengths(Reader& reader);

}  // namespace memwall
