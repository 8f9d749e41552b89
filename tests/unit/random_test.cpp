// Draws: known first values, independence of the coordinates, moments and distribution functions.
#include "sim/base/random.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "sim/base/error.hpp"
#include "tests/catch.hpp"

using namespace memwall;

namespace {

DrawKey key(std::uint64_t i) { return {.seed = 20240512, .stream = 1, .request = i, .purpose = Purpose::test}; }

template <class Draw>
std::vector<double> sample(std::uint64_t count, Draw draw) {
  std::vector<double> out;
  for (std::uint64_t i = 0; i < count; ++i) out.push_back(draw(key(i)));
  return out;
}

struct Moments {
  double mean = 0;
  double cv = 0;
  double skew = 0;
};

Moments moments(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  double sum = 0, square = 0, cube = 0;
  for (const double x : values) sum += x;
  const double mean = sum / n;
  for (const double x : values) {
    square += (x - mean) * (x - mean);
    cube += (x - mean) * (x - mean) * (x - mean);
  }
  const double deviation = std::sqrt(square / n);
  return {mean, deviation / mean, cube / n / (deviation * deviation * deviation)};
}

/// Kolmogorov and Smirnov's statistic times sqrt(n): above 1.95 in one of 1,000 samples of the right distribution.
template <class Cdf>
double kolmogorov_smirnov(std::vector<double> values, Cdf cdf) {
  std::sort(values.begin(), values.end());
  const auto n = static_cast<double>(values.size());
  double worst = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double expected = cdf(values[i]);
    worst = std::max(
        {worst, std::abs(expected - static_cast<double>(i) / n), std::abs(static_cast<double>(i + 1) / n - expected)});
  }
  return worst * std::sqrt(n);
}

}  // namespace

TEST_CASE("first draws of a seed are those of an independent implementation") {
  // The mixing function is SplitMix64's, whose first output for seed 0 is published.
  CHECK(mix(0) == 0xe220a8397b1dcdafU);
  // Computed with 50-digit arithmetic outside this code.
  const std::uint64_t bits[] = {0x9acb87208ef0075dU, 0x44bfe69fed8dd2b2U, 0x9cab679da18a3d62U, 0xc7f4cdaaf460e62aU};
  const double uniforms[] = {0.6046680883873137, 0.2685531750153623, 0.6119904289094302, 0.7810791532868993};
  const double exponentials[] = {0.5030755857309935, 1.3147063398915377, 0.4910386356289807, 0.24707878563908195};
  const double normals[] = {0.26544870112880187, -0.6171946410232608, 0.2845105605015626, 0.7758429964429023};
  const std::int64_t integers[] = {11, 74, 50, 30};
  for (std::uint64_t i = 0; i < 4; ++i) {
    const DrawKey k{.seed = 42, .stream = 3, .request = i, .purpose = Purpose::arrival_gap};
    CHECK(random_bits(k) == bits[i]);
    CHECK(random_uniform(k) == uniforms[i]);
    CHECK(random_exponential(k) == Approx(exponentials[i]).epsilon(1e-15));
    CHECK(random_normal(k) == Approx(normals[i]).epsilon(1e-14));
    CHECK(random_integer(k, 10, 99) == integers[i]);
  }
}

TEST_CASE("every coordinate of a draw changes it, and nothing else does") {
  const DrawKey base{.seed = 1, .stream = 2, .request = 3, .purpose = Purpose::input_length};
  std::set<std::uint64_t> seen = {random_bits(base), random_bits(base, 1)};
  for (DrawKey other : {DrawKey{2, 2, 3, Purpose::input_length}, DrawKey{1, 3, 3, Purpose::input_length},
                        DrawKey{1, 2, 4, Purpose::input_length}, DrawKey{1, 2, 3, Purpose::output_length}}) {
    seen.insert(random_bits(other));
  }
  CHECK(seen.size() == 6);
  const std::uint64_t before = random_bits(base);
  (void)random_gamma(base, 3);
  CHECK(random_bits(base) == before);
}

TEST_CASE("uniform draws never reach either end and neighbouring requests are independent") {
  const auto values = sample(200000, [](const DrawKey& k) { return random_uniform(k); });
  CHECK(*std::min_element(values.begin(), values.end()) > 0);
  CHECK(*std::max_element(values.begin(), values.end()) < 1);
  CHECK(kolmogorov_smirnov(values, [](double x) { return x; }) < 1.95);
  double product = 0;
  for (std::size_t i = 1; i < values.size(); ++i) product += (values[i] - 0.5) * (values[i - 1] - 0.5);
  CHECK(std::abs(product / 200000 * 12) < 4 / std::sqrt(200000.0));  // four standard errors of a correlation
}

TEST_CASE("whole numbers are uniform over spans that do not divide 2^64") {
  std::vector<int> counts(7);
  for (std::uint64_t i = 0; i < 70000; ++i) ++counts[static_cast<std::size_t>(random_integer(key(i), -3, 3) + 3)];
  double chi_square = 0;
  for (const int count : counts) chi_square += (count - 10000.0) * (count - 10000.0) / 10000.0;
  CHECK(chi_square < 22.46);  // 99.9 % quantile of chi-square with 6 degrees of freedom
  CHECK(random_integer(key(0), 5, 5) == 5);
  CHECK_THROWS_AS(random_integer(key(0), 5, 4), LogicError);
  // Three quarters of the 64-bit words: without rejection the lowest third would come up twice as often.
  const std::int64_t high = INT64_MAX / 2;
  int low_third = 0;
  for (std::uint64_t i = 0; i < 30000; ++i)
    low_third += random_integer(key(i), INT64_MIN, high) < INT64_MIN / 2 ? 1 : 0;
  CHECK(std::abs(low_third / 30000.0 - 1.0 / 3) < 0.011);
}

TEST_CASE("exponential draws have mean and coefficient of variation 1 and the analytic distribution function") {
  const auto values = sample(200000, [](const DrawKey& k) { return random_exponential(k); });
  CHECK(moments(values).mean == Approx(1).epsilon(0.01));
  CHECK(moments(values).cv == Approx(1).epsilon(0.01));
  CHECK(kolmogorov_smirnov(values, [](double x) { return 1 - std::exp(-x); }) < 1.95);
}

TEST_CASE("normal draws follow the error function") {
  const auto values = sample(200000, [](const DrawKey& k) { return random_normal(k); });
  CHECK(kolmogorov_smirnov(values, [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }) < 1.95);
}

TEST_CASE("gamma draws have mean 1, the asked coefficient of variation and the skew 2 cv of a gamma") {
  for (const double cv : {0.3, 1.0, 5.0}) {
    INFO("cv " << cv);
    const auto values = sample(400000, [cv](const DrawKey& k) { return random_gamma(k, cv); });
    const Moments got = moments(values);
    // Standard errors of the sample mean and, roughly, of the sample cv (kurtosis 3 + 6 cv^2), times four.
    CHECK(got.mean == Approx(1).margin(4 * cv / std::sqrt(400000.0)));
    CHECK(got.cv == Approx(cv).epsilon(4 * std::sqrt((2 + 7 * cv * cv) / 4 / 400000.0)));
    CHECK(got.skew == Approx(2 * cv).epsilon(0.15));
    CHECK(*std::min_element(values.begin(), values.end()) >= 0);
  }
  // A gamma of shape 1 is the exponential.
  const auto exponential = sample(200000, [](const DrawKey& k) { return random_gamma(k, 1); });
  CHECK(kolmogorov_smirnov(exponential, [](double x) { return 1 - std::exp(-x); }) < 1.95);
  // Shape 1/2 (cv = sqrt 2) is half a squared normal: P(X <= x) = erf(sqrt(x / 2)) at mean 1.
  const auto half = sample(200000, [](const DrawKey& k) { return random_gamma(k, std::sqrt(2.0)); });
  CHECK(kolmogorov_smirnov(half, [](double x) { return std::erf(std::sqrt(x / 2)); }) < 1.95);
  CHECK_THROWS_AS(random_gamma(key(0), 0), LogicError);
}

TEST_CASE("an empirical grid gives back its quantiles") {
  const std::vector<double> probabilities = {0, 0.25, 0.5, 1};
  const std::vector<double> lengths = {10, 20, 20, 120};
  const auto values = sample(100000, [&](const DrawKey& k) { return random_empirical(k, probabilities, lengths); });
  const auto below = [&](double x) {
    return static_cast<double>(std::count_if(values.begin(), values.end(), [x](double v) { return v <= x; })) / 1e5;
  };
  CHECK(below(15) == Approx(0.125).margin(0.005));
  CHECK(below(20) == Approx(0.5).margin(0.007));
  CHECK(below(70) == Approx(0.75).margin(0.006));
  CHECK(*std::min_element(values.begin(), values.end()) >= 10);
  CHECK(*std::max_element(values.begin(), values.end()) <= 120);
}
