#include "workloads/generators/lengths.hpp"

#include <algorithm>
#include <cmath>

#include "sim/base/error.hpp"
#include "sim/base/math.hpp"

namespace memwall {
namespace {

/// Bounds that hold less than a thousandth of a distribution fail after so many draws with certainty for all practical
/// purposes.
constexpr std::uint64_t most_draws = 100'000;

std::int64_t rounded(double tokens) { return static_cast<std::int64_t>(std::floor(tokens + 0.5)); }

/// Inside (0, 1), as quantile grids want it.
double probability(double z) { return std::clamp(math::normal_cdf(z), 0x1.0p-53, 1 - 0x1.0p-53); }

template <class Bounded>
std::optional<std::int64_t> inside(const Bounded& length, double tokens) {
  if (tokens > static_cast<double>(most_tokens) || tokens < 0) return std::nullopt;
  const std::int64_t whole = rounded(tokens);
  if (whole < length.low || whole > length.high) return std::nullopt;
  return whole;
}

std::optional<std::int64_t> at(const FixedLength& length, double) { return length.tokens; }

std::optional<std::int64_t> at(const UniformLength& length, double z) {
  const double span = static_cast<double>(length.high - length.low + 1);
  return std::min(length.high, length.low + static_cast<std::int64_t>(std::floor(probability(z) * span)));
}

std::optional<std::int64_t> at(const NormalLength& length, double z) {
  return inside(length, length.mean + length.deviation * z);
}

std::optional<std::int64_t> at(const LognormalLength& length, double z) {
  const double variance = math::log(1 + length.cv * length.cv);
  const double mu = math::log(length.mean) - variance / 2;
  const double sigma = std::sqrt(variance);
  return inside(length, math::exp(mu + sigma * z));
}

std::optional<std::int64_t> at(const EmpiricalLength& length, double z) {
  return rounded(empirical_quantile(probability(z), length.probabilities, length.values));
}

std::optional<std::int64_t> at(const ZipfLength&, double) {
  throw LogicError("a Zipf length is drawn by rejection and has no quantile");
}

[[noreturn]] void never_inside(const std::string& what, std::int64_t low, std::int64_t high) {
  throw InputError(what + " is almost never between " + std::to_string(low) + " and " + std::to_string(high) +
                   " tokens; widen `low` and `high` or move the mean between them");
}

template <class Bounded>
std::int64_t drawn_inside(const Bounded& length, const DrawKey& key, const char* kind, double spread) {
  for (std::uint64_t index = 0; index < most_draws; ++index) {
    if (const auto tokens = at(length, random_normal(key, index))) return *tokens;
  }
  never_inside(std::string("a ") + kind + " length with mean " + std::to_string(length.mean) +
                   (std::string_view(kind) == "normal" ? " and deviation " : " and cv ") + std::to_string(spread),
               length.low, length.high);
}

std::int64_t draw(const FixedLength& length, const DrawKey&) { return length.tokens; }
std::int64_t draw(const UniformLength& length, const DrawKey& key) {
  return random_integer(key, length.low, length.high);
}
std::int64_t draw(const NormalLength& length, const DrawKey& key) {
  return drawn_inside(length, key, "normal", length.deviation);
}
std::int64_t draw(const LognormalLength& length, const DrawKey& key) {
  return drawn_inside(length, key, "lognormal", length.cv);
}
std::int64_t draw(const EmpiricalLength& length, const DrawKey& key) {
  return rounded(random_empirical(key, length.probabilities, length.values));
}
std::int64_t draw(const ZipfLength& length, const DrawKey& key) {
  return length.low - 1 + random_zipf(key, length.high - length.low + 1, length.exponent);
}

DrawnLengths draw_pair(const LengthPairs& pairs, const DrawKey& key) {
  const double u = random_uniform(key);
  const auto above = std::upper_bound(pairs.shares.begin(), pairs.shares.end() - 1, u);
  const auto i = static_cast<std::size_t>(above - pairs.shares.begin());
  return {pairs.input[i], pairs.output[i]};
}

DrawnLengths draw_correlated(const Lengths& lengths, const DrawKey& key) {
  const double rest = std::sqrt(std::max(0.0, 1 - lengths.correlation * lengths.correlation));
  for (std::uint64_t index = 0; index < most_draws; ++index) {
    const double z = random_normal(key, 2 * index);
    const auto input = length_at(lengths.input, z);
    const auto output = length_at(lengths.output, lengths.correlation * z + rest * random_normal(key, 2 * index + 1));
    if (input && output) return {*input, *output};
  }
  throw InputError("correlated lengths are almost never inside their bounds together; widen `low` and `high`");
}

}  // namespace

std::int64_t draw_length(const Length& length, const DrawKey& key) {
  return std::visit([&key](const auto& kind) { return draw(kind, key); }, length);
}

std::optional<std::int64_t> length_at(const Length& length, double z) {
  return std::visit([z](const auto& kind) { return at(kind, z); }, length);
}

DrawnLengths draw_lengths(const Lengths& lengths, DrawKey key) {
  key.purpose = Purpose::length_pair;
  if (!lengths.pairs.shares.empty()) return draw_pair(lengths.pairs, key);
  if (lengths.correlation != 0) return draw_correlated(lengths, key);
  DrawnLengths drawn;
  key.purpose = Purpose::input_length;
  drawn.input = draw_length(lengths.input, key);
  key.purpose = Purpose::output_length;
  drawn.output = draw_length(lengths.output, key);
  return drawn;
}

double normal_correlation(double rank_correlation) {
  // The sine of at most pi / 6 by its series, whose eighth term is below the last place.
  const double x = 0.52359877559829887308 * rank_correlation;
  double term = x;
  double sum = x;
  for (int n = 3; n <= 17; n += 2) {
    term *= -x * x / (n * (n - 1));
    sum += term;
  }
  return std::clamp(2 * sum, -1.0, 1.0);
}

}  // namespace memwall
