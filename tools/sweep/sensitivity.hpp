// Which number of the machines matters most: each factor of `what_if` a little up and a little down, one at a time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/catalogue.hpp"
#include "tools/sweep/point.hpp"
#include "tools/sweep/report.hpp"
#include "tools/sweep/store.hpp"

namespace memwall::tools::sweep {

/// By how much a factor is moved either way, as a share.
inline constexpr double sensitivity_step = 0.1;

/// The point with nothing changed, then for every pool (and its `ffn`) and every key of `what_if` a point with the
/// factor above and one with it below; the factor that a scenario has already is multiplied. Throws InputError where
/// the scenario cannot be read.
[[nodiscard]] std::vector<Parameters> sensitivity_points(const Base& base);

/// A key and what a rise of its factor by the step does.
struct Sensitivity {
  std::string pointer;
  /// By metric: (above - below) / 2, as a share of the metric with nothing changed; nothing where that is 0 or one of
  /// the three has no such number.
  std::vector<std::optional<double>> change;
  /// The largest of them, either way.
  [[nodiscard]] double largest() const;
};

struct Sensitivities {
  std::vector<Column> columns;
  std::vector<Sensitivity> rows;  ///< most sensitive first; of equals in the order of points
  struct Refusal {
    std::string pointer;
    std::string value;
    std::string reason;
  };
  std::vector<Refusal> refused;  ///< what could change nothing, and what does not fit
};

/// Of points that sensitivity_points() made. Throws InputError where the scenario itself was refused.
[[nodiscard]] Sensitivities sensitivities(Store& store, const std::vector<std::string>& show);

[[nodiscard]] std::string sensitivity_text(const Sensitivities& found);
/// pointer, then the changes by the pointers of metrics, as shares.
[[nodiscard]] std::string sensitivity_csv(const Sensitivities& found);

}  // namespace memwall::tools::sweep
