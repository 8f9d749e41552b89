// Elementary functions that give the same bits everywhere: built on + - x / and square root alone, because the C library
// chooses its variants by processor. Accuracy: within 2 units in the last place on the ranges the simulator uses.
#pragma once

namespace memwall::math {

/// Natural logarithm. `x` must be positive and finite; throws LogicError otherwise.
[[nodiscard]] double log(double x);

/// e to the x. Overflows to infinity above 709.78 and to zero below -745.2, as IEEE arithmetic would.
[[nodiscard]] double exp(double x);

/// `base` to the `exponent`, for a positive base; 0 to a positive exponent is 0. Throws LogicError otherwise.
[[nodiscard]] double pow(double base, double exponent);

/// Logarithm of the gamma function for x > 0 (Lanczos approximation, relative error below 1e-13).
[[nodiscard]] double lgamma(double x);

/// The quantile of the standard normal distribution for p in (0, 1), to full double accuracy.
[[nodiscard]] double normal_quantile(double p);

}  // namespace memwall::math
