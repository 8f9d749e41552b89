#include "sim/base/random.hpp"

#include <algorithm>
#include <cmath>

#include "sim/base/error.hpp"
#include "sim/base/math.hpp"

namespace memwall {

std::int64_t random_integer(const DrawKey& key, std::int64_t low, std::int64_t high) {
  law(low <= high, "a uniform integer needs low <= high");
  const std::uint64_t span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
  if (span == 0) return static_cast<std::int64_t>(random_bits(key));  // every 64-bit word is in range
  // Words of the incomplete last round of `span` are drawn again, because keeping them would favour small results.
  const std::uint64_t incomplete = (0 - span) % span;
  std::uint64_t index = 0;
  std::uint64_t bits = random_bits(key);
  while (bits < incomplete) bits = random_bits(key, ++index);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + bits % span);
}

double random_exponential(const DrawKey& key) { return -math::log(random_uniform(key)); }

double random_normal(const DrawKey& key, std::uint64_t index) {
  return math::normal_quantile(random_uniform(key, index));
}

double random_gamma(const DrawKey& key, double cv) {
  law(cv > 0 && cv <= 1e9, "a gamma variable needs a coefficient of variation above 0");
  const double shape = 1 / (cv * cv);
  // The method needs a shape of at least 1; a smaller one is reached by Gamma(k) = Gamma(k + 1) U^(1/k). That factor's
  // draw sits at an index that the rejection loop never reaches.
  constexpr std::uint64_t boost_index = ~std::uint64_t{0};
  const double boost = shape < 1 ? math::pow(random_uniform(key, boost_index), 1 / shape) : 1;
  const double d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3;
  const double c = 1 / (3 * std::sqrt(d));
  for (std::uint64_t attempt = 0;; ++attempt) {
    const double x = random_normal(key, 2 * attempt);
    const double root = 1 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root;
    const double u = random_uniform(key, 2 * attempt + 1);
    if (math::log(u) < 0.5 * x * x + d - d * v + d * math::log(v)) return d * v * boost / shape;
  }
}

double random_empirical(const DrawKey& key, std::span<const double> probabilities, std::span<const double> values) {
  law(probabilities.size() == values.size() && values.size() >= 2,
      "a quantile grid needs two columns of 2 or more rows");
  law(probabilities.front() == 0 && probabilities.back() == 1, "a quantile grid runs from probability 0 to 1");
  const double u = random_uniform(key);
  // u is inside (0, 1), so the first probability above it has a predecessor.
  const auto above = std::upper_bound(probabilities.begin() + 1, probabilities.end() - 1, u);
  const auto i = static_cast<std::size_t>(above - probabilities.begin());
  const double part = (u - probabilities[i - 1]) / (probabilities[i] - probabilities[i - 1]);
  return values[i - 1] + part * (values[i] - values[i - 1]);
}

}  // namespace memwall
