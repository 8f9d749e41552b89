#include "sim/base/random.hpp"

#include <algorithm>
#include <cmath>

#include "sim/base/error.hpp"
#include "sim/base/math.hpp"

namespace memwall {
namespace {

/// (e^t - 1) / t, without the cancellation near 0.
double relative_exp(double t) {
  if (t < -1e-4 || t > 1e-4) return (math::exp(t) - 1) / t;
  return 1 + t / 2 * (1 + t / 3 * (1 + t / 4));
}

/// ln(1 + t) / t, likewise; t > -1.
double relative_log(double t) {
  if (t < -1e-4 || t > 1e-4) return math::log(1 + t) / t;
  return 1 - t * (1.0 / 2 - t * (1.0 / 3 - t / 4));
}

/// x^-s as the density over which ranks are laid, with its integral from 1 and the inverse of that.
struct ZipfHat {
  double s;
  [[nodiscard]] double density(double x) const { return math::exp(-s * math::log(x)); }
  [[nodiscard]] double integral(double x) const {
    const double log_x = math::log(x);
    return log_x * relative_exp((1 - s) * log_x);
  }
  [[nodiscard]] double inverse(double area) const {
    const double t = std::max((1 - s) * area, -1 + 0x1.0p-53);
    return math::exp(area * relative_log(t));
  }
};

}  // namespace

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

double random_exponential(const DrawKey& key, std::uint64_t index) { return -math::log(random_uniform(key, index)); }

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

std::int64_t random_zipf(const DrawKey& key, std::int64_t ranks, double exponent) {
  law(ranks >= 1 && ranks <= std::int64_t{1} << 53, "a Zipf variable needs 1 to 2^53 ranks");
  law(exponent >= 0 && exponent <= 100, "a Zipf variable needs an exponent of 0 to 100");
  if (ranks == 1) return 1;
  const ZipfHat hat{exponent};
  const auto last = static_cast<double>(ranks);
  // The area of rank 1 is cut to its probability, so that no draw of it is rejected.
  const double low = hat.integral(1.5) - 1;
  const double high = hat.integral(last + 0.5);
  const double sure = 2 - hat.inverse(hat.integral(2.5) - hat.density(2));
  for (std::uint64_t attempt = 0;; ++attempt) {
    const double area = high + random_uniform(key, attempt) * (low - high);
    const double x = hat.inverse(area);
    const double rank = std::clamp(std::floor(x + 0.5), 1.0, last);
    if (rank - x <= sure || area >= hat.integral(rank + 0.5) - hat.density(rank)) {
      return static_cast<std::int64_t>(rank);
    }
  }
}

double empirical_quantile(double u, std::span<const double> probabilities, std::span<const double> values) {
  law(probabilities.size() == values.size() && values.size() >= 2,
      "a quantile grid needs two columns of 2 or more rows");
  law(probabilities.front() == 0 && probabilities.back() == 1, "a quantile grid runs from probability 0 to 1");
  // u is inside (0, 1), so the first probability above it has a predecessor.
  const auto above = std::upper_bound(probabilities.begin() + 1, probabilities.end() - 1, u);
  const auto i = static_cast<std::size_t>(above - probabilities.begin());
  const double part = (u - probabilities[i - 1]) / (probabilities[i] - probabilities[i - 1]);
  return values[i - 1] + part * (values[i] - values[i - 1]);
}

double random_empirical(const DrawKey& key, std::span<const double> probabilities, std::span<const double> values) {
  return empirical_quantile(random_uniform(key), probabilities, values);
}

}  // namespace memwall
