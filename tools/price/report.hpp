// What `memwall price` says on the terminal and in its files.
#pragma once

#include <string>
#include <vector>

#include "tools/price/curve.hpp"

namespace memwall::tools::price {

/// One machine: a line a length.
[[nodiscard]] std::string curve_text(const Curve& curve);
/// The prices of its traffic, where they were solved.
[[nodiscard]] std::string tariffs_text(const Curve& curve);
/// The thresholds of all machines beside each other.
[[nodiscard]] std::string thresholds_text(const std::vector<Curve>& curves);

[[nodiscard]] std::string price_json(const std::vector<Curve>& curves);
/// A row a machine and length; costs in the unit of the row.
[[nodiscard]] std::string curves_csv(const std::vector<Curve>& curves);
/// A Vega-Lite 5 specification with its data inside: cost of a generated token over that at the first length, so that
/// machines with and without a price can be laid over each other, and the thresholds as marks on the curves.
[[nodiscard]] std::string curves_vega(const std::vector<Curve>& curves);

}  // namespace memwall::tools::price
