// The prices that a traffic on a machine would have if they followed costs, beside those of public lists.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/price/point.hpp"
#include "tools/price/public_prices.hpp"
#include "tools/price/tariff.hpp"
#include "tools/price/traffic.hpp"

namespace memwall::tools::price {

/// How much of a public step costs explain. With the prices of least regret below the step, requests beyond it cost
/// `cost_rise` times what those prices would bill; with its own prices below, the list bills them `list_rise` times.
struct Explained {
  PublicPrice list;
  std::optional<double> cost_rise;  ///< absent: the traffic has nothing on one side of the step
  double list_rise = 0;
  /// (cost_rise - 1) / (list_rise - 1): above 1 costs rise more than the list, below 0 they fall.
  [[nodiscard]] std::optional<double> share() const {
    if (!cost_rise || list_rise <= 1) return std::nullopt;
    return (*cost_rise - 1) / (list_rise - 1);
  }
};

struct Tariffs {
  std::string traffic;
  double requests = 0;
  double refused = 0;  ///< of them, those that the machine cannot serve, which no price covers
  double margin = 0;
  std::vector<Tariff> all;  ///< one price list, then one to three steps, whole requests, then marginal
  std::vector<Explained> steps;
};

/// Costs of the requests at the load of the demand, times 1 + margin. Requests are put together by length; of each
/// length a share `demand.cached` of the prompts is found but for its last block and the rest not at all, so that
/// cached tokens have a cost of their own.
[[nodiscard]] std::vector<Bill> bills_of(const Engine& engine, const Demand& demand,
                                         const std::vector<Lengths>& traffic, double margin, double& refused);

[[nodiscard]] Tariffs tariffs_of(const Engine& engine, const Demand& demand, const std::vector<Lengths>& traffic,
                                 double margin);

/// The steps of public lists against the bills.
[[nodiscard]] std::vector<Explained> explained_steps(const std::vector<Bill>& bills);

}  // namespace memwall::tools::price
