#include "sim/base/math.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "sim/base/error.hpp"

namespace memwall::math {
namespace {

// ln 2 in three parts. The first two have 42 significant bits, so that their products with any exponent of a double
// (11 bits) are exact.
constexpr double ln2_high = 0x1.62e42fefa3800p-1;
constexpr double ln2_middle = 0x1.ef35793c76000p-45;
constexpr double ln2_low = 0x1.cc01f97b57a08p-87;
constexpr double ln2_rest = 0x1.ef35793c76730p-45;  // middle + low, rounded once
constexpr double inverse_ln2 = 0x1.71547652b82fep+0;

/// 2^k for k in -1022 .. 1023.
double power_of_two(std::int64_t k) { return std::bit_cast<double>(static_cast<std::uint64_t>(k + 1023) << 52); }

/// x = significand * 2^exponent with the significand in [sqrt(1/2), sqrt(2)), where the series of the logarithm
/// converge fastest.
struct Split {
  double significand;
  std::int64_t exponent;
};

Split split(double x) {
  std::int64_t exponent = 0;
  if (x < std::numeric_limits<double>::min()) {  // subnormal: scale into the normal range first
    x *= 0x1p54;
    exponent = -54;
  }
  const auto bits = std::bit_cast<std::uint64_t>(x);
  exponent += static_cast<std::int64_t>(bits >> 52) - 1023;
  double significand = std::bit_cast<double>((bits & 0x000fffffffffffffU) | 0x3ff0000000000000U);
  if (significand >= 0x1.6a09e667f3bcdp+0) {
    significand *= 0.5;
    ++exponent;
  }
  return {significand, exponent};
}

/// A value as an unevaluated sum of two doubles, about 106 bits (Dekker, A floating-point technique for extending the
/// available precision, 1971). Needed because a power multiplies the error of the logarithm by up to 700.
struct Wide {
  double high = 0;
  double low = 0;
};

/// Exact sum where |a| >= |b| or a is 0.
constexpr Wide ordered_sum(double a, double b) {
  const double sum = a + b;
  return {sum, b - (sum - a)};
}

/// Exact sum of any two (Knuth).
constexpr Wide exact_sum(double a, double b) {
  const double sum = a + b;
  const double part = sum - a;
  return {sum, (a - (sum - part)) + (b - part)};
}

/// Exact product by Veltkamp's splitting, which needs no fused multiply-add. |a|, |b| < 2^996.
constexpr Wide exact_product(double a, double b) {
  constexpr double splitter = 0x1p27 + 1;
  const double a_big = a * splitter, b_big = b * splitter;
  const double a_high = a_big - (a_big - a), b_high = b_big - (b_big - b);
  const double a_low = a - a_high, b_low = b - b_high;
  const double product = a * b;
  return {product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low};
}

constexpr Wide operator+(Wide a, Wide b) {
  const Wide sum = exact_sum(a.high, b.high);
  return ordered_sum(sum.high, sum.low + (a.low + b.low));
}

constexpr Wide operator*(Wide a, Wide b) {
  const Wide product = exact_product(a.high, b.high);
  return ordered_sum(product.high, product.low + (a.high * b.low + a.low * b.high));
}

constexpr Wide operator/(Wide a, Wide b) {
  const double quotient = a.high / b.high;
  const Wide back = exact_product(quotient, b.high);
  const double rest = (((a.high - back.high) - back.low) + a.low) - quotient * b.low;
  return ordered_sum(quotient, rest / b.high);
}

/// 2 artanh(s) = 2 s (1 + s^2/3 + s^4/5 + ...) with s = (m - 1)/(m + 1), |s| < 0.1716: 22 terms leave less than 2^-110.
constexpr int wide_terms = 22;
constexpr std::array<Wide, wide_terms> odd_reciprocals = [] {
  std::array<Wide, wide_terms> table{};
  for (int n = 0; n < wide_terms; ++n) table[static_cast<std::size_t>(n)] = Wide{1, 0} / Wide{2.0 * n + 1, 0};
  return table;
}();

Wide wide_log(double x) {
  const auto [significand, exponent] = split(x);
  const double f = significand - 1;  // exact: the significand is within a factor of two of 1
  const Wide s = Wide{f, 0} / exact_sum(f, 2);
  const Wide square = s * s;
  Wide sum{};
  for (std::size_t n = odd_reciprocals.size(); n-- > 0;) sum = sum * square + odd_reciprocals[n];
  const Wide series = s * sum;
  const auto k = static_cast<double>(exponent);
  const Wide ln2_part = exact_sum(k * ln2_high, k * ln2_middle) + Wide{k * ln2_low, 0};
  return ln2_part + Wide{2 * series.high, 2 * series.low};
}

/// Coefficients 1/n! of the exponential series from n = 14 down to 2. The remainder after n = 14 is below
/// 0.3466^15 / 15! < 1e-19 on the reduced range.
constexpr std::array<double, 13> inverse_factorials = [] {
  std::array<double, 13> table{};
  double factorial = 1;
  for (int n = 2; n <= 14; ++n) {
    factorial *= n;
    table[static_cast<std::size_t>(14 - n)] = 1 / factorial;
  }
  return table;
}();

/// e^(x + correction) for a correction far below x's last place.
double exp_with(double x, double correction) {
  if (x > 709.782712893384) return std::numeric_limits<double>::infinity();  // ln of the largest double
  if (x < -745.1332191019412) return 0;                                      // ln of half the smallest subnormal
  // The conversion truncates; the half makes it round to nearest, and being off by one near a tie only widens the
  // reduced range by a rounding error.
  const auto k = static_cast<std::int64_t>(x * inverse_ln2 + (x < 0 ? -0.5 : 0.5));
  const auto exponent = static_cast<double>(k);
  const double high = x - exponent * ln2_high;  // exact
  const double low = exponent * ln2_rest - correction;
  const double r = high - low;
  const double rest = (high - r) - low;  // what the subtraction above rounded away
  double sum = 0;
  for (const double coefficient : inverse_factorials) sum = sum * r + coefficient;
  const double value = 1 + (r + (r * r * sum + rest));
  // 2^k is not a normal number at either end of the range: reach it in two steps.
  if (k > 1023) return value * 2 * power_of_two(k - 1);
  if (k < -1022) return value * power_of_two(k + 100) * 0x1p-100;
  return value * power_of_two(k);
}

}  // namespace

double log(double x) {
  law(x > 0 && x <= std::numeric_limits<double>::max(), "the logarithm needs a positive finite argument");
  const auto [significand, exponent] = split(x);
  const double f = significand - 1;
  const double s = f / (2 + f);
  const double square = s * s;
  // log(1 + f) = 2 s + s R with R = 2 (s^2/3 + s^4/5 + ...), and 2 s = f - s f = f - f^2/2 + s f^2/2: the largest term,
  // f, is then exact and the others are small beside it.
  double tail = 0;
  for (int n = 10; n >= 1; --n) tail = (tail + odd_reciprocals[static_cast<std::size_t>(n)].high) * square;
  tail *= 2;
  const double half_square = 0.5 * f * f;
  const auto k = static_cast<double>(exponent);
  return k * ln2_high + (f - (half_square - (s * (half_square + tail) + k * ln2_rest)));
}

double exp(double x) {
  law(x == x, "the exponential of a value that is not a number");
  return exp_with(x, 0);
}

double pow(double base, double exponent) {
  law(base >= 0 && base <= std::numeric_limits<double>::max() && exponent == exponent,
      "a power needs a base that is finite and not negative, and an exponent that is a number");
  law(base > 0 || exponent > 0, "zero has powers for positive exponents only");
  if (base == 0) return 0;
  if (exponent == 0 || base == 1) return 1;
  const Wide logarithm = wide_log(base);
  const double estimate = exponent * logarithm.high;
  // Beyond the range of the exponential, decided first because the exact product would overflow in its splitting.
  if (estimate > 800) return std::numeric_limits<double>::infinity();
  if (estimate < -800) return 0;
  const Wide product = exact_product(exponent, logarithm.high);
  return exp_with(product.high, product.low + exponent * logarithm.low);
}

namespace {

/// (zeta(k) - 1) / k for k = 2 .. 30, of the series about 2 (Abramowitz and Stegun, 6.1.33).
constexpr std::array<double, 29> zeta_terms = {
    0.3224670334241132,     0.0673523010531981,     0.020580808427784546,   0.007385551028673986,
    0.0028905103307415234,  0.001192753911703261,   0.0005096695247430425,  0.00022315475845357939,
    9.945751278180853e-05,  4.492623673813314e-05,  2.050721277567069e-05,  9.439488275268397e-06,
    4.374866789907488e-06,  2.039215753801366e-06,  9.55141213040742e-07,   4.492469198764566e-07,
    2.1207184805554665e-07, 1.0043224823968099e-07, 4.7698101693639804e-08, 2.2711094608943164e-08,
    1.0838659214896955e-08, 5.183475041970047e-09,  2.4836745438024785e-09, 1.1921401405860912e-09,
    5.731367241678862e-10,  2.7595228851242334e-10, 1.3304764374244489e-10, 6.4229645638381e-11,
    3.1044247747322276e-11};

/// ln Gamma(2 + z) = z (1 - gamma) + sum over k >= 2 of (-1)^k (zeta(k) - 1) z^k / k, for |z| <= 1/2.
double lgamma_about_two(double z) {
  constexpr double one_minus_euler = 0.42278433509846713;
  double sum = 0;
  for (std::size_t i = zeta_terms.size(); i-- > 0;) sum = (i % 2 == 0 ? zeta_terms[i] : -zeta_terms[i]) + z * sum;
  return z * (one_minus_euler + z * sum);
}

/// Stirling's series (Abramowitz and Stegun, 6.1.40): the coefficients are B(2k) / (2k (2k - 1)); the first omitted
/// term is below 1e-17 at x = 8.
double lgamma_stirling(double x) {
  constexpr std::array<double, 9> coefficients = {1.0 / 12,    -1.0 / 360,       1.0 / 1260,
                                                  -1.0 / 1680, 1.0 / 1188,       -691.0 / 360360,
                                                  1.0 / 156,   -3617.0 / 122400, 43867.0 / 244188};
  constexpr double half_log_two_pi = 0.9189385332046728;
  const double inverse = 1 / x;
  const double square = inverse * inverse;
  double series = 0;
  for (std::size_t i = coefficients.size(); i-- > 0;) series = series * square + coefficients[i];
  return (x - 0.5) * log(x) - x + half_log_two_pi + series * inverse;
}

}  // namespace

double lgamma(double x) {
  law(x > 0 && x <= std::numeric_limits<double>::max(), "ln Gamma is implemented for positive finite arguments");
  if (x >= 8) return lgamma_stirling(x);
  // Gamma(x + 1) = x Gamma(x) leads to the interval about 2. The sums below have no cancelling terms except next to the
  // zero at 1, where both parts are accurate relative to x - 1.
  if (x < 0.5) return lgamma_about_two(x) - log(x) - log(1 + x);
  if (x < 1.5) return lgamma_about_two(x - 1) - log(x);
  double product = 1;
  while (x >= 2.5) {
    x -= 1;
    product *= x;
  }
  return lgamma_about_two(x - 2) + log(product);
}

namespace {

/// A quotient of two polynomials of degree 7, coefficients from the highest power down.
double rational(const std::array<double, 8>& over, const std::array<double, 8>& under, double x) {
  double numerator = 0, denominator = 0;
  for (std::size_t i = 0; i < over.size(); ++i) {
    numerator = numerator * x + over[i];
    denominator = denominator * x + under[i];
  }
  return numerator / denominator;
}

}  // namespace

// M. J. Wichura, Algorithm AS 241: The percentage points of the normal distribution, Applied Statistics 37, 1988,
// routine PPND16: three minimax rationals, for the middle, the shoulders and the far tails.
double normal_quantile(double p) {
  law(p > 0 && p < 1, "the normal quantile is defined between 0 and 1");
  static constexpr std::array<double, 8> a = {2509.0809287301226727, 33430.575583588128105, 67265.770927008700853,
                                              45921.953931549871457, 13731.693765509461125, 1971.5909503065514427,
                                              133.14166789178437745, 3.387132872796366608};
  static constexpr std::array<double, 8> b = {
      5226.495278852854561,  28729.085735721942674, 39307.89580009271061,  21213.794301586595867,
      5394.1960214247511077, 687.1870074920579083,  42.313330701600911252, 1.0};
  static constexpr std::array<double, 8> c = {
      7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258,
      3.64784832476320460504,   5.7694972214606914055,    4.6303378461565452959,  1.42343711074968357734};
  static constexpr std::array<double, 8> d = {
      1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459,
      0.68976733498510000455,    1.6763848301838038494,   2.05319162663775882187,   1.0};
  static constexpr std::array<double, 8> e = {
      2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093,
      0.29656057182850489123,    1.7848265399172913358,     5.4637849111641143699,    6.6579046435011037772};
  static constexpr std::array<double, 8> f = {
      2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
      0.0148753612908506148525,   0.13692988092273580531,   0.59983220655588793769,   1.0};
  const double q = p - 0.5;
  if (q >= -0.425 && q <= 0.425) return q * rational(a, b, 0.180625 - q * q);
  // 1 - p is exact here, p being at least 1/2.
  const double depth = std::sqrt(-log(q < 0 ? p : 1 - p));
  const double magnitude = depth <= 5 ? rational(c, d, depth - 1.6) : rational(e, f, depth - 5);
  return q < 0 ? -magnitude : magnitude;
}

double normal_cdf(double z) {
  law(z == z, "the normal distribution function needs a number");
  // Beyond, what is missing to 0 or 1 is below the error that is promised.
  if (z < -8.3) return 0;
  if (z > 8.3) return 1;
  double term = z;
  double sum = z;
  // All terms have one sign, so that nothing cancels; at 8.3 it takes about 150 of them.
  for (double odd = 3; sum + term != sum; odd += 2) {
    term *= z * z / odd;
    sum += term;
  }
  constexpr double log_root_two_pi = 0.91893853320467274178;
  return 0.5 + sum * exp(-0.5 * z * z - log_root_two_pi);
}

}  // namespace memwall::math
