// Lengths against the moments and quantiles of their distributions.
#include "workloads/generators/lengths.hpp"

#include <algorithm>
#include <map>
#include <numeric>

#include "sim/base/error.hpp"
#include "sim/base/math.hpp"
#include "tests/catch.hpp"
#include "tests/workloads/sampling.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

DrawKey draw_key(std::uint64_t number) { return {.seed = 11, .stream = 2, .request = number}; }

std::vector<double> draws(const Length& length, std::uint64_t count = 40000) {
  std::vector<double> out;
  for (std::uint64_t i = 0; i < count; ++i) out.push_back(static_cast<double>(draw_length(length, draw_key(i))));
  return out;
}

/// The share of draws up to `tokens`, within five standard errors of what it should be.
void check_share(const std::vector<double>& values, double tokens, double expected) {
  std::vector<double> below;
  for (const double value : values) below.push_back(value <= tokens ? 1 : 0);
  INFO("up to " << tokens);
  check_mean("share", below, expected);
}

std::vector<double> ranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> out(values.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t end = i;
    while (end < order.size() && values[order[end]] == values[order[i]]) ++end;
    for (std::size_t k = i; k < end; ++k) out[order[k]] = static_cast<double>(i + end - 1) / 2;
    i = end;
  }
  return out;
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const double ma = mean_of(a), mb = mean_of(b);
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - ma) * (b[i] - mb);
    aa += (a[i] - ma) * (a[i] - ma);
    bb += (b[i] - mb) * (b[i] - mb);
  }
  return ab / std::sqrt(aa * bb);
}

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

}  // namespace

TEST_CASE("the normal distribution function is that of the C library, and inverts its quantile") {
  for (double z = -9; z <= 9; z += 0.173) CHECK(std::abs(math::normal_cdf(z) - normal_cdf(z)) < 2e-15);
  for (const double p : {1e-9, 0.01, 0.3, 0.5, 0.9, 1 - 1e-9}) {
    CHECK(math::normal_cdf(math::normal_quantile(p)) == Approx(p).epsilon(1e-6).margin(1e-15));
  }
}

TEST_CASE("a normal length has its mean and quantiles, truncated or not") {
  const auto plain = draws(NormalLength{512, 128, 1, 1024});
  check_mean("mean", plain, 512);  // the bounds lie four deviations away, symmetrically but for a token
  check_share(plain, 512, 0.5 + 0.5 / 128 / std::sqrt(2 * 3.14159265358979));
  check_share(plain, 640, normal_cdf(128.5 / 128));
  // Cut on one side at the mean: half a normal, whose mean is sqrt(2 / pi) deviations.
  const auto half = draws(NormalLength{10000, 1000, 10000, 1'000'000});
  CHECK(*std::min_element(half.begin(), half.end()) == 10000);
  check_mean("half", half, 10000 + 1000 * std::sqrt(2 / 3.14159265358979));
  CHECK_THROWS_AS(draws(NormalLength{10, 1, 900, 1000}, 1), InputError);
}

TEST_CASE("a lognormal length has the quantiles of its normal") {
  const double variance = std::log(1 + 0.8 * 0.8), mu = std::log(1000) - variance / 2;
  const auto values = draws(LognormalLength{1000, 0.8, 1, 1'000'000});
  for (const double tokens : {200.0, 700.0, 1500.0}) {
    check_share(values, tokens, normal_cdf((std::log(tokens + 0.5) - mu) / std::sqrt(variance)));
  }
}

TEST_CASE("Zipf lengths have the probabilities of a power law, for every exponent") {
  for (const double exponent : {0.0, 0.6, 1.0, 1.0000001, 2.5}) {
    const std::int64_t ranks = exponent > 2 ? 6 : 50;
    double sum = 0, mean = 0;
    for (std::int64_t k = 1; k <= ranks; ++k) {
      sum += std::pow(static_cast<double>(k), -exponent);
      mean += static_cast<double>(k) * std::pow(static_cast<double>(k), -exponent);
    }
    const auto values = draws(ZipfLength{exponent, 10, 9 + ranks});
    INFO("exponent " << exponent);
    check_mean("mean", values, 9 + mean / sum);
    check_share(values, 10, 1 / sum);
    check_share(values, 12, (1 + std::pow(2, -exponent) + std::pow(3, -exponent)) / sum);
    CHECK(*std::min_element(values.begin(), values.end()) == 10);
    CHECK(*std::max_element(values.begin(), values.end()) == static_cast<double>(9 + ranks));
  }
  CHECK(draw_length(ZipfLength{1, 7, 7}, draw_key(1)) == 7);
}

TEST_CASE("a quantile grid has its quantiles") {
  const auto values = draws(EmpiricalLength{{0, 0.25, 0.9, 1}, {6, 9, 90, 1899}});
  check_share(values, 9, 0.25 + 0.65 * 0.5 / 81);
  check_share(values, 90, 0.9);
  CHECK(*std::max_element(values.begin(), values.end()) <= 1899);
}

TEST_CASE("lengths that go together have the rank correlation that was asked for, and their own quantiles") {
  for (const double asked : {-0.52, 0.3, 0.81}) {
    Lengths lengths;
    lengths.input = LognormalLength{1000, 1.2, 1, most_tokens};
    lengths.output = EmpiricalLength{{0, 0.5, 1}, {1, 500, 4000}};
    lengths.correlation = normal_correlation(asked);
    // Estimated for twenty streams, each of which has a correlation of its own.
    std::vector<double> estimates, inputs, outputs;
    for (std::uint64_t stream = 0; stream < 20; ++stream) {
      std::vector<double> in, out;
      for (std::uint64_t i = 0; i < 2000; ++i) {
        const DrawnLengths drawn = draw_lengths(lengths, {.seed = 5, .stream = stream, .request = i});
        in.push_back(static_cast<double>(drawn.input));
        out.push_back(static_cast<double>(drawn.output));
      }
      estimates.push_back(correlation(ranks(in), ranks(out)));
      inputs.insert(inputs.end(), in.begin(), in.end());
      outputs.insert(outputs.end(), out.begin(), out.end());
    }
    check_mean("rank correlation", estimates, asked);
    check_mean("inputs", inputs, 1000);
    check_share(outputs, 500, 0.5 + 0.5 * 0.5 / 3500);
  }
  CHECK(normal_correlation(1) == Approx(1).epsilon(1e-15));
  CHECK(normal_correlation(0.5) == Approx(2 * std::sin(3.14159265358979323846 / 12)).epsilon(1e-15));
}

TEST_CASE("pairs occur together, as often as their weights say, and never otherwise") {
  Lengths lengths;
  lengths.pairs = {{100, 200, 300}, {3, 1, 2}, {0.5, 0.5, 1}};
  std::map<std::pair<std::int64_t, std::int64_t>, double> seen;
  for (std::uint64_t i = 0; i < 20000; ++i) {
    const DrawnLengths drawn = draw_lengths(lengths, draw_key(i));
    ++seen[{drawn.input, drawn.output}];
  }
  CHECK(seen.size() == 2);  // the middle one has no weight
  CHECK(seen[{100, 3}] / 20000 == Approx(0.5).margin(5 * 0.5 / std::sqrt(20000.0)));
  CHECK(seen.count({300, 2}) == 1);
}
