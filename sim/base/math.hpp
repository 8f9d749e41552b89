// Elementary functions that give the same bits everywhere: built on + - x / and square root alone, because the C
// library chooses its variants by processor. Accuracy: within 2 units in the last place on the ranges the simulator
// uses.
#pragma once

namespace memwall::math {

/// Natural logarithm. `x` must be positive and finite; throws LogicError otherwise.
[[nodiscard]] double log(double x);

/// e to the x. Overflows to infinity above 709.78 and to zero below -745.2, as IEEE arithmetic would. Throws LogicError
/// for NaN.
[[nodiscard]] double exp(double x);

/// `base` to the `exponent`, for a positive finite base; 0 to a positive exponent is 0. Throws LogicError otherwise.
[[nodiscard]] double pow(double base, double exponent);

/// Logarithm of the gamma function for finite x > 0 (power series about 2, Stirling's series from 8 on); relative error
/// below 1e-14, near its zeros at 1 and 2 too. Throws LogicError otherwise.
[[nodiscard]] double lgamma(double x);

/// The quantile of the standard normal distribution for p in (0, 1); relative error about 1e-16 (Wichura, algorithm
/// AS 241, 1988). Throws LogicError outside.
[[nodiscard]] double normal_quantile(double p);

/// The distribution function of the standard normal, for any finite z; absolute error below 1e-15 (its Taylor series,
/// Marsaglia, Evaluating the normal distribution, 2004). Throws LogicError for NaN.
[[nodiscard]] double normal_cdf(double z);

}  // namespace memwall::math
