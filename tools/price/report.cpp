#include "tools/price/report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tools/price/contexts.hpp"
#include "tools/results/time_text.hpp"

namespace memwall::tools::price {
namespace {

double per_million(double cost, double tokens) { return tokens > 0 ? cost / tokens * 1e6 : 0; }

std::string header_text(const Curve& c) {
  std::string out = fmt::format("{}: {}, {} weights, on {:g} x {}", c.name, c.model, c.weights, c.devices, c.device);
  out += c.money.known ? fmt::format(" at {:.2f} USD/h ({})\n", c.money.capital * 3600, name(c.money.basis))
                       : fmt::format("\n  costs in device-hours: {}\n", c.money.unknown);
  out += fmt::format(
      "  a request: the prompt, {:g} % of it cached for {:.4g} s in device memory, and {:g} generated tokens\n",
      c.demand.cached * 100, c.demand.cached > 0 ? c.demand.hold_s : 0, c.demand.output);
  out += fmt::format("  mean load {:g} % of the peak; ", c.demand.load * 100);
  out += c.demand.tpot_s ? fmt::format("at most {} a token\n", time_text(*c.demand.tpot_s))
                         : std::string("no objective on the time between tokens (--tpot)\n");
  out += fmt::format("  weights {:.4g} GB ({:.4g} GB active), cache {:.4g} GB at {:.4g} KB a token\n",
                     c.bytes.weights * 1e-9, c.bytes.active_weights * 1e-9, c.cache_bytes * 1e-9,
                     c.bytes.kv_per_token * 1e-3);
  for (const std::string& note : c.notes) out += "  note: " + note + "\n";
  return out;
}

std::string point_text(const Point& p) {
  if (!p.refusal.empty()) return fmt::format("  {:>8}  {}\n", tokens_text(static_cast<double>(p.context)), p.refusal);
  const CostParts& day = p.at_load;
  const double tokens = p.tokens();
  return fmt::format(
      "  {:>8}{:>7.0f}  {:<13}{:>10}{:>10}{:>10.4g}{:>10}{:>10.4g} |{:>9.3g}{:>9.3g}{:>9.3g}{:>9.3g}{:>9.3g}\n",
      tokens_text(static_cast<double>(p.context)), p.batch, name(p.held), time_text(p.tpot_s), time_text(p.ttft_s),
      per_million(p.at_rate.prefill, p.request.uncached),
      p.cached() > 0 ? fmt::format("{:.4g}", per_million(p.at_rate.storage, p.cached())) : std::string("-"),
      per_million(p.at_rate.decode, p.request.output), per_million(day.prefill, tokens),
      per_million(day.storage, tokens), per_million(day.decode, tokens), per_million(day.idle, tokens),
      per_million(day.total(), tokens));
}

}  // namespace

std::string curve_text(const Curve& c) {
  if (!c.refusal.empty()) return fmt::format("{}: refused: {}\n", c.name, c.refusal);
  std::string out = header_text(c);
  out += fmt::format("\n  {:>8}{:>7}  {:<13}{:>10}{:>10}{:>30} |{:>45}\n", "", "", "", "", "",
                     fmt::format("busy: {} per M tokens", c.money.unit()),
                     fmt::format("at the load: {} per M tokens of all kinds", c.money.unit()));
  out += fmt::format("  {:>8}{:>7}  {:<13}{:>10}{:>10}{:>10}{:>10}{:>10} |{:>9}{:>9}{:>9}{:>9}{:>9}\n", "prompt",
                     "batch", "held by", "TPOT", "TTFT", "input", "cached", "output", "prefill", "storage", "decode",
                     "idle", "all");
  for (const Point& p : c.points) out += point_text(p);
  const auto first = std::find_if(c.points.begin(), c.points.end(), [](const Point& p) { return p.refusal.empty(); });
  if (first == c.points.end()) return out;
  out += fmt::format(
      "\n  rent of cache: {:.4g} {} per GB and hour; a running sequence of {} holds {:.4g} GB s a generated token\n",
      first->usd_per_byte_second * 1e9 * 3600, c.money.unit(), tokens_text(static_cast<double>(first->context)),
      first->cache_byte_seconds * 1e-9);
  if (c.break_even_hold_s) {
    out +=
        fmt::format("  keeping a token there for {:.3g} s costs as much as computing it again\n", *c.break_even_hold_s);
  }
  return out;
}

std::string thresholds_text(const std::vector<Curve>& curves) {
  std::vector<const Curve*> shown;
  std::vector<std::string> rows;
  std::string out = "\nthresholds, in tokens of context\n";
  for (const Curve& c : curves) {
    if (!c.refusal.empty()) continue;
    shown.push_back(&c);
    for (const Threshold& t : c.thresholds) {
      if (std::find(rows.begin(), rows.end(), t.name) == rows.end()) rows.push_back(t.name);
    }
  }
  if (shown.empty()) return "";
  std::size_t width = 9;
  for (const Curve* c : shown) width = std::max(width, c->name.size() + 2);
  out += fmt::format("  {:<26}", "");
  for (const Curve* c : shown) out += fmt::format("{:>{}}", c->name, width);
  out += "\n";
  for (const std::string& row : rows) {
    out += fmt::format("  {:<26}", row);
    for (const Curve* c : shown) {
      const auto at =
          std::find_if(c->thresholds.begin(), c->thresholds.end(), [&](const Threshold& t) { return t.name == row; });
      const bool known = at != c->thresholds.end() && at->tokens;
      out += fmt::format("{:>{}}", known ? tokens_text(*at->tokens) : at == c->thresholds.end() ? "" : "none", width);
    }
    out += "\n";
  }
  // What they mean, once each; machines differ in numbers of the sentence, which is that of the first one.
  for (const std::string& row : rows) {
    for (const Curve* c : shown) {
      const auto at =
          std::find_if(c->thresholds.begin(), c->thresholds.end(), [&](const Threshold& t) { return t.name == row; });
      if (at == c->thresholds.end()) continue;
      out += fmt::format("  {}: {}{}\n", row, at->says,
                         at->tokens || shown.size() > 1 ? std::string() : "; none: " + at->why_none);
      break;
    }
  }
  return out;
}

}  // namespace memwall::tools::price
