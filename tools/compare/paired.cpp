#include "tools/compare/paired.hpp"

#include <boost/math/distributions/students_t.hpp>
#include <cmath>

#include "sim/base/error.hpp"

namespace memwall::tools::compare {

double mean(const std::vector<double>& values) {
  law(!values.empty(), "there is no mean of nothing");
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

Difference paired_difference(const std::vector<double>& a, const std::vector<double>& b) {
  law(a.size() == b.size() && !a.empty(), "paired runs are equally many, and some");
  std::vector<double> differences;
  for (std::size_t i = 0; i < a.size(); ++i) differences.push_back(b[i] - a[i]);
  Difference out;
  out.mean = mean(differences);
  if (differences.size() < 2) return out;
  double squares = 0;
  for (const double each : differences) squares += (each - out.mean) * (each - out.mean);
  const auto n = static_cast<double>(differences.size());
  const double deviation = std::sqrt(squares / (n - 1));
  const boost::math::students_t distribution(n - 1);
  out.half_width = boost::math::quantile(distribution, 0.975) * deviation / std::sqrt(n);
  return out;
}

}  // namespace memwall::tools::compare
