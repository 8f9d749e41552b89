#include <fmt/format.h>

#include "tools/price/contexts.hpp"
#include "tools/price/report.hpp"

namespace memwall::tools::price {
namespace {

std::string price_cell(double price) { return price > 0 ? fmt::format("{:.4g}", price * 1e6) : std::string("-"); }

std::string ratio_cell(double price, double first) {
  return price > 0 && first > 0 ? fmt::format("x {:.2f}", price / first) : std::string();
}

std::string bracket_name(const Tariff& tariff, std::size_t bracket) {
  if (tariff.steps.empty()) return "one price list";
  if (bracket == tariff.steps.size()) return "above";
  return "up to " + tokens_text(tariff.steps[bracket]);
}

std::string tariff_rows(const Tariff& tariff) {
  std::string out;
  const Prices& first = tariff.prices.front();
  for (std::size_t b = 0; b < tariff.prices.size(); ++b) {
    const Prices& p = tariff.prices[b];
    const std::string kind = b > 0 || tariff.steps.empty()
                                 ? std::string()
                                 : fmt::format("{}, {}", tariff.steps.size(), name(tariff.semantics));
    out += fmt::format("  {:<12}{:<16}{:>10}{:>10}{:>10}", kind, bracket_name(tariff, b), price_cell(p.input),
                       price_cell(p.cached), price_cell(p.output));
    if (b == 0) {
      out += fmt::format("{:>9.2f} %\n", tariff.regret * 100);
    } else {
      out += fmt::format("           {:>9}{:>9}{:>9}\n", ratio_cell(p.input, first.input),
                         ratio_cell(p.cached, first.cached), ratio_cell(p.output, first.output));
    }
  }
  return out;
}

std::string step_row(const Explained& step) {
  const PublicPrice& list = step.list;
  std::string out = fmt::format("  {:<10}{:<20}{:>8}  ", list.provider, list.model, tokens_text(list.step));
  if (!step.cost_rise) return out + "the traffic has nothing on one side of it\n";
  out += fmt::format("list x {:.2f}, cost x {:.2f}: ", step.list_rise, *step.cost_rise);
  const auto share = step.share();
  if (!share) return out + "the list does not rise\n";
  if (*share <= 0) return out + "cost does not rise, all of it is unexplained\n";
  if (*share >= 1) return out + "cost rises more than the list\n";
  return out + fmt::format("cost explains {:.0f} %, {:.0f} % is unexplained\n", *share * 100, (1 - *share) * 100);
}

}  // namespace

std::string tariffs_text(const Curve& c) {
  if (!c.tariffs) return "";
  const Tariffs& t = *c.tariffs;
  std::string out = fmt::format("\n  prices of least regret for {} ({:.0f}, {:.0f} of them refused), margin {:g} %\n",
                                t.traffic, t.requests, t.refused, t.margin * 100);
  if (t.all.empty()) return out;
  out += fmt::format("  {:<12}{:<16}{:>10}{:>10}{:>10}{:>11}     times the first\n", "steps",
                     fmt::format("{} per M", c.money.unit()), "input", "cached", "output", "regret");
  for (const Tariff& tariff : t.all) out += tariff_rows(tariff);
  const Prices& flat = t.all.front().prices.front();
  if (flat.input > 0) {
    out += fmt::format(
        "  ratios of the one list: output {:.3g} x input, cached {:.3g} x; public lists have 2 to 8 x and 0.1 to 0.25 "
        "x\n",
        flat.output / flat.input, flat.cached / flat.input);
  }
  if (c.demand.cached == 0) out += "  no token is found in a cache (--cached), so cached tokens have no price\n";
  out += "\n  public steps against these costs\n";
  for (const Explained& step : t.steps) out += step_row(step);
  return out;
}

}  // namespace memwall::tools::price
