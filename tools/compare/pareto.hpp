// Speed for one user against yield of the machine: the frontier that a buyer chooses on.
#pragma once

#include <string>
#include <vector>

#include "tools/compare/question.hpp"

namespace memwall::tools::compare {

/// One scenario under a closed loop of so many clients.
struct Point {
  std::string name;
  std::int64_t concurrency = 0;
  double tokens_per_s_user = 0;  ///< 1 / mean TPOT
  double tokens_per_s_device = 0;
  double tokens_per_usd = 0;   ///< 0 = price unknown
  double tokens_per_s_mw = 0;  ///< of mean power; 0 = power unknown
  bool dominated = false;      ///< another point is at least as good for the user and for the device, and better in one
};

/// The sheet with its workload under a closed loop. Throws InputError for a source that has none.
[[nodiscard]] Sheet closed_loop(const Sheet& sheet, const Catalogue& catalogue, std::int64_t concurrency);

/// The point that a run is; nothing where it was refused or completed nothing with a second token.
[[nodiscard]] std::optional<Point> point_of(const Contender& contender, std::int64_t concurrency);

/// Every sheet under every number of clients, one after another; what was refused is left out.
[[nodiscard]] std::vector<Point> frontier(const std::vector<Sheet>& sheets, const std::vector<std::int64_t>& levels,
                                          const Catalogue& catalogue, const Parallel& parallel);

/// Marks the points that another one dominates.
void mark_dominated(std::vector<Point>& points);

[[nodiscard]] std::string pareto_text(const std::vector<Point>& points);
[[nodiscard]] std::string pareto_csv(const std::vector<Point>& points);
/// A Vega-Lite 5 specification with its data inside.
[[nodiscard]] std::string pareto_vega(const std::vector<Point>& points);
/// All three, and the points as JSON.
[[nodiscard]] Answer frontier_answer(const std::vector<Point>& points);

}  // namespace memwall::tools::compare
