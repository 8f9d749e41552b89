// Prices of tokens that come nearest to what requests cost: one price list, or lists that step with the length.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace memwall::tools::price {

/// So many equal requests and what each of them costs, margin included.
struct Bill {
  double weight = 1;   ///< requests
  double context = 0;  ///< prompt tokens, uncached + cached
  double uncached = 0;
  double cached = 0;
  double output = 0;
  double cost = 0;  ///< of one request, above 0, in any unit of money
};

/// For one token of each kind, in the unit of the bills.
struct Prices {
  double input = 0;
  double cached = 0;
  double output = 0;
};

/// What a step does.
enum class Semantics : std::uint8_t {
  whole,     ///< a prompt beyond it pays the higher prices for all of its tokens, as vendors bill
  marginal,  ///< tokens beyond it pay the higher prices, those before it the lower ones
};
[[nodiscard]] std::string_view name(Semantics semantics);

struct Tariff {
  Semantics semantics = Semantics::whole;
  std::vector<double> steps;   ///< prompt tokens, ascending: beyond it the next prices hold
  std::vector<Prices> prices;  ///< one more than steps
  /// Root of sum w (bill - cost)^2 / cost over sum w cost: by which share bills miss costs, every unit of cost counted
  /// alike, so that neither many short requests nor a few long ones rule.
  double regret = 0;

  [[nodiscard]] double bill(const Bill& of) const;
};

/// The regret of any tariff on the bills.
[[nodiscard]] double regret(const Tariff& tariff, const std::vector<Bill>& bills);

/// The tariff of exactly `steps` steps and least regret; steps lie at the contexts of `candidates`. Whole requests:
/// exact, by dynamic programming over the intervals between candidates. Marginal: every choice of candidates is tried.
/// Fewer steps where there are fewer candidates between bills.
[[nodiscard]] Tariff best_tariff(const std::vector<Bill>& bills, Semantics semantics, std::size_t steps,
                                 const std::vector<double>& candidates);

/// The prices of least regret with the steps given.
[[nodiscard]] Tariff tariff_at(const std::vector<Bill>& bills, Semantics semantics, const std::vector<double>& steps);

}  // namespace memwall::tools::price
