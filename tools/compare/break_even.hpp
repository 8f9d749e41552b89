// The value of one number at which two scenarios are equally good.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tools/compare/knob.hpp"
#include "tools/compare/question.hpp"

namespace memwall::tools::compare {

/// A measure at a value of a knob; nothing where it is refused.
struct Sample {
  double at = 0;
  std::optional<double> value;
  std::string refusal;
};

/// Where a function of one number meets a target.
struct Crossing {
  bool found = false;
  Sample below;  ///< found: the samples on both sides of it; else the ends of the range that runs
  Sample above;
  std::string refusal_low;  ///< why what is below the range is not run; empty where all of it runs
  std::string refusal_high;

  /// Between the two: found only.
  [[nodiscard]] double at() const;
};

/// Looks for `target` from `low` to `high`, both above zero, by bisection of the ratio, to 1e-5 of the value. `start`
/// is a value inside that runs. Values that are refused at an end shorten the range. Where there are several crossings,
/// it is one of them.
[[nodiscard]] Crossing crossing_of(const std::function<Sample(double)>& sample, double target, double low, double high,
                                   double start);

/// Each other scenario's value of the knob at which it is as good as the first.
[[nodiscard]] Answer break_even_answer(const Field& field, const std::string& knob,
                                       const std::optional<std::string>& metric);

}  // namespace memwall::tools::compare
