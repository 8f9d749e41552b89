#include "tools/price/tariff.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "tools/price/least_squares.hpp"

namespace memwall::tools::price {
namespace {

constexpr std::size_t kinds = 3;  // input, cached, output

/// Of the positions `from` to `to`, how many lie between two steps.
double between(double from, double to, double low, double high) {
  return std::max(0.0, std::min(to, high) - std::max(from, low));
}

double lower_end(const std::vector<double>& steps, std::size_t bracket) {
  return bracket == 0 ? 0 : steps[bracket - 1];
}
double upper_end(const std::vector<double>& steps, std::size_t bracket) {
  return bracket < steps.size() ? steps[bracket] : std::numeric_limits<double>::infinity();
}

/// Tokens of a request by bracket, three kinds each. Cached tokens are the first of the prompt.
std::vector<double> tokens_by_bracket(const Bill& of, Semantics semantics, const std::vector<double>& steps) {
  std::vector<double> out(kinds * (steps.size() + 1));
  for (std::size_t b = 0; b <= steps.size(); ++b) {
    const double low = lower_end(steps, b);
    const double high = upper_end(steps, b);
    if (semantics == Semantics::whole) {
      if (of.context <= low || of.context > high) continue;
      out[b * kinds] = of.uncached;
      out[b * kinds + 1] = of.cached;
      out[b * kinds + 2] = of.output;
    } else {
      out[b * kinds] = between(of.cached, of.context, low, high);
      out[b * kinds + 1] = between(0, of.cached, low, high);
      out[b * kinds + 2] = between(of.context, of.context + of.output, low, high);
    }
  }
  return out;
}

LeastSquares sums(const std::vector<Bill>& bills, Semantics semantics, const std::vector<double>& steps) {
  LeastSquares out(kinds * (steps.size() + 1));
  for (const Bill& bill : bills) out.add(tokens_by_bracket(bill, semantics, steps), bill.cost, bill.weight / bill.cost);
  return out;
}

/// Steps with the least error by trying every choice of `count` candidates.
std::vector<double> by_trying(const std::vector<Bill>& bills, Semantics semantics, std::size_t count,
                              const std::vector<double>& candidates) {
  std::vector<double> best;
  std::vector<double> chosen;
  double least = std::numeric_limits<double>::infinity();
  const std::function<void(std::size_t)> choose = [&](std::size_t from) {
    if (chosen.size() == count) {
      const LeastSquares fit = sums(bills, semantics, chosen);
      const double error = fit.error(fit.solve());
      if (error < least) {
        least = error;
        best = chosen;
      }
      return;
    }
    for (std::size_t i = from; i < candidates.size(); ++i) {
      chosen.push_back(candidates[i]);
      choose(i + 1);
      chosen.pop_back();
    }
  };
  choose(0);
  return best;
}

/// The same for whole requests: brackets do not share a request, so their errors add up and the best last bracket can
/// be put behind the best tariff of what is before it.
std::vector<double> by_intervals(const std::vector<Bill>& bills, std::size_t count,
                                 const std::vector<double>& candidates) {
  const std::size_t n = candidates.size() + 1;  // intervals between candidates
  std::vector<LeastSquares> interval(n, LeastSquares(kinds));
  for (const Bill& bill : bills) {
    const auto at = std::lower_bound(candidates.begin(), candidates.end(), bill.context) - candidates.begin();
    interval[static_cast<std::size_t>(at)].add({bill.uncached, bill.cached, bill.output}, bill.cost,
                                               bill.weight / bill.cost);
  }
  constexpr double never = std::numeric_limits<double>::infinity();
  std::vector<std::vector<double>> error(n, std::vector<double>(n + 1, never));  // of one bracket [i, j)
  for (std::size_t i = 0; i < n; ++i) {
    LeastSquares sum(kinds);
    for (std::size_t j = i + 1; j <= n; ++j) {
      sum += interval[j - 1];
      if (sum.square() > 0) error[i][j] = std::max(0.0, sum.error(sum.solve()));
    }
  }
  std::vector<std::vector<double>> least(count + 1, std::vector<double>(n + 1, never));
  std::vector<std::vector<std::size_t>> cut(count + 1, std::vector<std::size_t>(n + 1));
  for (std::size_t j = 1; j <= n; ++j) least[0][j] = error[0][j];
  for (std::size_t k = 1; k <= count; ++k) {
    for (std::size_t j = 1; j <= n; ++j) {
      for (std::size_t i = 1; i < j; ++i) {
        const double sum = least[k - 1][i] + error[i][j];
        if (sum < least[k][j]) {
          least[k][j] = sum;
          cut[k][j] = i;
        }
      }
    }
  }
  std::size_t steps = count;
  while (steps > 0 && least[steps][n] == never) --steps;
  std::vector<double> out(steps);
  for (std::size_t k = steps, j = n; k > 0; --k) {
    j = cut[k][j];
    out[k - 1] = candidates[j - 1];
  }
  return out;
}

}  // namespace

std::string_view name(Semantics semantics) { return semantics == Semantics::whole ? "whole" : "marginal"; }

double Tariff::bill(const Bill& of) const {
  const std::vector<double> tokens = tokens_by_bracket(of, semantics, steps);
  double sum = 0;
  for (std::size_t b = 0; b < prices.size(); ++b) {
    sum += tokens[b * kinds] * prices[b].input + tokens[b * kinds + 1] * prices[b].cached +
           tokens[b * kinds + 2] * prices[b].output;
  }
  return sum;
}

double regret(const Tariff& tariff, const std::vector<Bill>& bills) {
  double missed = 0;
  double all = 0;
  for (const Bill& bill : bills) {
    const double miss = tariff.bill(bill) - bill.cost;
    missed += bill.weight * miss * miss / bill.cost;
    all += bill.weight * bill.cost;
  }
  return all > 0 ? std::sqrt(missed / all) : 0;
}

Tariff tariff_at(const std::vector<Bill>& bills, Semantics semantics, const std::vector<double>& steps) {
  Tariff out;
  out.semantics = semantics;
  out.steps = steps;
  const std::vector<double> prices = sums(bills, semantics, steps).solve();
  for (std::size_t b = 0; b <= steps.size(); ++b) {
    out.prices.push_back({prices[b * kinds], prices[b * kinds + 1], prices[b * kinds + 2]});
  }
  out.regret = regret(out, bills);
  return out;
}

Tariff best_tariff(const std::vector<Bill>& bills, Semantics semantics, std::size_t steps,
                   const std::vector<double>& candidates) {
  const std::size_t count = std::min(steps, candidates.size());
  const std::vector<double> at = count == 0                      ? std::vector<double>()
                                 : semantics == Semantics::whole ? by_intervals(bills, count, candidates)
                                                                 : by_trying(bills, semantics, count, candidates);
  return tariff_at(bills, semantics, at);
}

}  // namespace memwall::tools::price
