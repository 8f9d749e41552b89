// Our elementary functions against the C library's, point by point, in units in the last place.
#include "sim/base/math.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "sim/base/error.hpp"
#include "sim/base/random.hpp"
#include "tests/catch.hpp"

using namespace memwall;

namespace {

/// Distance in representable doubles; both must have the same sign.
double ulps(double a, double b) {
  return std::abs(static_cast<double>(std::bit_cast<std::int64_t>(a) - std::bit_cast<std::int64_t>(b)));
}

double uniform(std::uint64_t i, std::uint64_t column, double low, double high) {
  return low + (high - low) * random_uniform({.seed = 7, .stream = column, .request = i});
}

}  // namespace

TEST_CASE("the logarithm is within 2 units in the last place over all doubles and close to 1") {
  double worst = 0;
  for (std::uint64_t i = 0; i < 200000; ++i) {
    const double wide = std::ldexp(uniform(i, 0, 1, 2), static_cast<int>(uniform(i, 1, -1074, 1023)));
    const double near_one = 1 + uniform(i, 2, -1, 1) * std::ldexp(1.0, static_cast<int>(uniform(i, 3, -50, -1)));
    for (const double x : {wide, near_one}) {
      if (x != 1) worst = std::max(worst, ulps(math::log(x), std::log(x)));
    }
  }
  CHECK(worst <= 2);
  CHECK(worst > 0);  // a copy of the C library's function would agree everywhere
  CHECK(math::log(1) == 0);
  CHECK_THROWS_AS(math::log(0), LogicError);
  CHECK_THROWS_AS(math::log(-1), LogicError);
  CHECK_THROWS_AS(math::log(std::numeric_limits<double>::infinity()), LogicError);
  CHECK_THROWS_AS(math::log(std::nan("")), LogicError);
}

TEST_CASE("the exponential is within 2 units in the last place and ends as IEEE arithmetic does") {
  double worst = 0;
  for (std::uint64_t i = 0; i < 200000; ++i) {
    for (const double x : {uniform(i, 0, -708, 709.7), uniform(i, 1, -1, 1), uniform(i, 2, -1e-5, 1e-5)}) {
      worst = std::max(worst, ulps(math::exp(x), std::exp(x)));
    }
  }
  CHECK(worst <= 2);
  CHECK(worst > 0);
  CHECK(math::exp(0) == 1);
  CHECK(std::isinf(math::exp(709.79)));
  CHECK(std::isfinite(math::exp(709.78)));
  CHECK(math::exp(-746) == 0);
  CHECK(ulps(math::exp(-740), std::exp(-740)) <= 1);  // subnormal
  CHECK(std::isinf(math::exp(std::numeric_limits<double>::infinity())));
  CHECK(math::exp(-std::numeric_limits<double>::infinity()) == 0);
  CHECK_THROWS_AS(math::exp(std::nan("")), LogicError);
}

TEST_CASE("a power is within 2 units in the last place even where the logarithm is multiplied by hundreds") {
  double worst = 0;
  for (std::uint64_t i = 0; i < 200000; ++i) {
    const double base = std::ldexp(uniform(i, 0, 1, 2), static_cast<int>(uniform(i, 1, -300, 300)));
    const double exponent = uniform(i, 2, -3.3, 3.3);
    const double near_one = 1 + uniform(i, 3, -1e-3, 1e-3);
    worst = std::max(worst, ulps(math::pow(base, exponent), std::pow(base, exponent)));
    worst = std::max(worst, ulps(math::pow(near_one, exponent * 2e5), std::pow(near_one, exponent * 2e5)));
  }
  CHECK(worst <= 2);
  CHECK(math::pow(2, 10) == 1024);
  CHECK(math::pow(10, 15) == 1e15);
  CHECK(math::pow(0, 0.5) == 0);
  CHECK(math::pow(0.37, 0) == 1);
  CHECK(std::isinf(math::pow(1e300, 2)));
  CHECK(std::isinf(math::pow(1e-300, -1e300)));
  CHECK(math::pow(1e-300, 2) == 0);
  CHECK_THROWS_AS(math::pow(-1, 2), LogicError);
  CHECK_THROWS_AS(math::pow(0, 0), LogicError);
  CHECK_THROWS_AS(math::pow(0, -1), LogicError);
}

TEST_CASE("the logarithm of the gamma function is relatively accurate, near its zeros too") {
  double worst = 0;
  for (std::uint64_t i = 0; i < 100000; ++i) {
    const double scale = std::ldexp(1.0, static_cast<int>(uniform(i, 0, -30, -1)));
    for (const double x : {uniform(i, 1, 1e-9, 10), uniform(i, 2, 5, 1e6), 1 + uniform(i, 3, -1, 1) * scale,
                           2 + uniform(i, 4, -1, 1) * scale}) {
      if (x == 1 || x == 2) continue;
      const double expected = std::lgamma(x);
      worst = std::max(worst, std::abs(math::lgamma(x) - expected) / std::abs(expected));
    }
  }
  CHECK(worst < 1e-14);
  CHECK(math::lgamma(1) == 0);
  CHECK(math::lgamma(2) == 0);
  double log_factorial = 0;  // Gamma(n + 1) = n!
  for (int n = 1; n <= 20; ++n) {
    log_factorial += std::log(n);
    CHECK(math::lgamma(n + 1.0) == Approx(log_factorial).epsilon(1e-14));
  }
  CHECK_THROWS_AS(math::lgamma(0), LogicError);
}

TEST_CASE("the normal quantile inverts the error function") {
  double worst = 0;
  int asymmetric = 0;
  for (std::uint64_t i = 0; i < 100000; ++i) {
    for (const double p :
         {uniform(i, 0, 0, 0.5), std::ldexp(uniform(i, 1, 0.5, 1), static_cast<int>(uniform(i, 2, -1000, 0)))}) {
      if (p >= 0.5) continue;
      const double x = math::normal_quantile(p);
      const double back = 0.5 * std::erfc(-x / std::sqrt(2.0));
      // Relative error of p per relative error of x is about x^2 in the tail.
      worst = std::max(worst, std::abs(back - p) / p / (1 + x * x));
      const double other = 1 - p;  // rounded; 1 - other is exact
      asymmetric += other < 1 && math::normal_quantile(other) != -math::normal_quantile(1 - other) ? 1 : 0;
    }
  }
  CHECK(worst < 1e-15);
  CHECK(asymmetric == 0);
  CHECK(math::normal_quantile(0.5) == 0);
  CHECK(math::normal_quantile(0.975) ==
        Approx(1.9599639845400542).epsilon(1e-15));  // tables of the normal distribution
  CHECK_THROWS_AS(math::normal_quantile(0), LogicError);
  CHECK_THROWS_AS(math::normal_quantile(1), LogicError);
}
