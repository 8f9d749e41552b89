#include "workloads/lengths.hpp"

#include <algorithm>
#include <cmath>

#include "sim/base/error.hpp"
#include "sim/base/math.hpp"

namespace memwall {
namespace {

/// Longest answer or prompt that a generator makes: far beyond any context, and far inside the range of sums.
constexpr std::int64_t most_tokens = 1'000'000'000;

std::int64_t rounded(double tokens) { return static_cast<std::int64_t>(std::floor(tokens + 0.5)); }

std::int64_t draw(const FixedLength& length, const DrawKey&) { return length.tokens; }

std::int64_t draw(const UniformLength& length, const DrawKey& key) {
  return random_integer(key, length.low, length.high);
}

std::int64_t draw(const LognormalLength& length, const DrawKey& key) {
  const double variance = math::log(1 + length.cv * length.cv);
  const double mu = math::log(length.mean) - variance / 2;
  const double sigma = std::sqrt(variance);
  // Bounds that hold less than a thousandth of the distribution fail here with certainty for all practical purposes.
  constexpr std::uint64_t most_draws = 100'000;
  for (std::uint64_t index = 0; index < most_draws; ++index) {
    const double tokens = math::exp(mu + sigma * random_normal(key, index));
    if (tokens > static_cast<double>(most_tokens)) continue;
    const std::int64_t whole = rounded(tokens);
    if (whole >= length.low && whole <= length.high) return whole;
  }
  throw InputError("a lognormal length with mean " + std::to_string(length.mean) + " and cv " +
                   std::to_string(length.cv) + " is almost never between " + std::to_string(length.low) + " and " +
                   std::to_string(length.high) + " tokens; widen `low` and `high` or move the mean between them");
}

std::int64_t draw(const EmpiricalLength& length, const DrawKey& key) {
  return rounded(random_empirical(key, length.probabilities, length.values));
}

void read_uniform(Reader& reader, Length& out) {
  UniformLength length;
  length.low = reader.integer("low", {.fallback = std::nullopt, .low = 1, .high = most_tokens}, "fewest tokens");
  length.high = reader.integer("high", {.fallback = std::nullopt, .low = 1, .high = most_tokens}, "most tokens");
  if (length.high < length.low) reader.fault("high", "must not be below `low`");
  out = length;
}

void read_lognormal(Reader& reader, Length& out) {
  LognormalLength length;
  length.mean =
      reader.number("mean", {.fallback = std::nullopt, .low = 1, .high = 1e9}, "mean tokens, before truncation");
  length.cv = reader.number("cv", {.fallback = std::nullopt, .low = 1e-3, .high = 100},
                            "standard deviation over mean, before truncation");
  length.low = reader.integer("low", {.fallback = 1, .low = 1, .high = most_tokens}, "fewer tokens are drawn again");
  length.high =
      reader.integer("high", {.fallback = most_tokens, .low = 1, .high = most_tokens}, "more tokens are drawn again");
  if (length.high < length.low) reader.fault("high", "must not be below `low`");
  out = length;
}

void read_empirical(Reader& reader, Length& out) {
  EmpiricalLength length;
  length.probabilities = reader.numbers("probabilities", true, "rising from 0 to 1");
  length.values = reader.numbers("values", true, "tokens at each of the probabilities, not falling");
  const auto& p = length.probabilities;
  const auto& v = length.values;
  if (p.size() < 2 || p.size() != v.size()) {
    reader.fault("values", "needs as many entries as `probabilities`, at least 2");
  } else if (p.front() != 0 || p.back() != 1 ||
             std::adjacent_find(p.begin(), p.end(), std::greater_equal<>()) != p.end()) {
    reader.fault("probabilities", "must rise strictly from 0 to 1");
  } else if (v.front() < 1 || v.back() > static_cast<double>(most_tokens) || !std::is_sorted(v.begin(), v.end())) {
    reader.fault("values", "must be 1 or more and must not fall");
  }
  out = std::move(length);
}

}  // namespace

std::int64_t draw_length(const Length& length, const DrawKey& key) {
  return std::visit([&key](const auto& kind) { return draw(kind, key); }, length);
}

Length read_length(Reader& reader, std::string_view key, std::string_view doc) {
  Length out = FixedLength{};
  const auto plain = reader.integer_or_object(
      key, {.fallback = std::nullopt, .low = 1, .high = most_tokens}, doc, [&out](Reader& keys) {
        keys.variant(
            "distribution",
            {{"fixed", "always the same",
              [&out](Reader& own) {
                out = FixedLength{own.integer("tokens", {.fallback = std::nullopt, .low = 1, .high = most_tokens},
                                              "tokens of every request")};
              }},
             {"uniform", "every whole number between two bounds", [&out](Reader& own) { read_uniform(own, out); }},
             {"lognormal", "a long tail, by mean and coefficient of variation",
              [&out](Reader& own) { read_lognormal(own, out); }},
             {"empirical", "a grid of quantiles, linear between them",
              [&out](Reader& own) { read_empirical(own, out); }}},
            std::nullopt, "how the length is drawn");
      });
  return plain ? Length{FixedLength{*plain}} : out;
}

}  // namespace memwall
