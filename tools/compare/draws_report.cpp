#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tools/compare/draws.hpp"
#include "tools/compare/vega.hpp"

namespace memwall::tools::compare {
namespace {

/// Of a number that has nothing to do with the outcome, correlations scatter by 1 / sqrt(n - 1); three times that is
/// beyond chance for the few dozens of numbers that there are.
double noise(std::size_t draws) { return draws < 2 ? 1 : 3 / std::sqrt(static_cast<double>(draws - 1)); }

double quantile(std::vector<double> values, double p) {
  std::sort(values.begin(), values.end());
  const double at = p * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (at - static_cast<double>(below)) * (values[above] - values[below]);
}

std::string influence_text(const Influence& each) {
  return fmt::format("{} (rank correlation {:+.2f})", each.number.name(), each.correlation);
}

std::string text_of(const Draws& draws, std::size_t count) {
  std::string out = fmt::format("\ndraws: {} in {} draws of {} numbers that are known within a range\n",
                                draws.measure.name, count, draws.numbers.size());
  for (const Duel& verdict : draws.verdicts) {
    out += "  " + sentence_of(verdict) + "\n";
    if (!verdict.refusal.empty() || !verdict.boundless.empty() || verdict.draws() == 0) continue;
    out += fmt::format("    {} over {}: median {:.4g}, nine in ten draws from {:.4g} to {:.4g}\n", verdict.second,
                       verdict.first, quantile(verdict.ratios, 0.5), quantile(verdict.ratios, 0.05),
                       quantile(verdict.ratios, 0.95));
    std::string others;
    for (std::size_t i = 1; i < std::min<std::size_t>(4, verdict.influences.size()); ++i) {
      const Influence& each = verdict.influences[i];
      if (std::abs(each.correlation) < noise(verdict.draws())) break;
      others += (others.empty() ? "" : ", ") + influence_text(each);
    }
    if (!others.empty()) out += "    then " + others + "\n";
  }
  return out;
}

void write_json(JsonWriter& json, const Draws& draws, std::size_t count) {
  json.begin_object().member("metric", draws.measure.pointer).member("name", draws.measure.name);
  json.member("draws", count).member("seed", draws.seed).key("verdicts").begin_list();
  for (const Duel& verdict : draws.verdicts) {
    json.begin_object().member("first", verdict.first).member("second", verdict.second);
    json.member("answer", sentence_of(verdict));
    if (!verdict.boundless.empty()) {
      json.key("placeholders_without_range").begin_list();
      for (const std::string& name : verdict.boundless) json.value(name);
      json.end_list();
    } else if (verdict.refusal.empty()) {
      json.member("second_wins", verdict.wins).member("first_wins", verdict.losses).member("equal", verdict.ties);
      json.member("refused", verdict.refused).key("ratios").begin_list();
      for (const double ratio : verdict.ratios) json.value(ratio);
      json.end_list().member("correlated_with", verdict.decided ? "ratio" : "winning").key("influences").begin_list();
      for (const Influence& each : verdict.influences) {
        json.begin_object().member("device", each.number.device).member("pointer", each.number.pointer);
        json.member("rank_correlation", each.correlation).end_object();
      }
      json.end_list();
    }
    json.end_object();
  }
  json.end_list().end_object();
}

/// Results and the numbers that they came from, one below the other.
std::string csv_of(const std::vector<std::string>& names, const Draws& draws) {
  std::string out = "kind,draw,name,value\n";
  for (std::size_t i = 0; i < names.size(); ++i) {
    for (std::size_t draw = 0; draw < draws.values[i].size(); ++draw) {
      const auto& value = draws.values[i][draw];
      out += fmt::format("result,{},{},{}\n", draw, csv_field(names[i]), value ? fmt::format("{}", *value) : "");
    }
  }
  for (std::size_t n = 0; n < draws.numbers.size(); ++n) {
    for (std::size_t draw = 0; draw < draws.shares[n].size(); ++draw) {
      out += fmt::format("number,{},{},{}\n", draw, csv_field(draws.numbers[n].name()),
                         drawn_text(draws.numbers[n], draws.shares[n][draw]));
    }
  }
  return out;
}

std::string vega_of(const Draws& draws) {
  const auto values = [&draws](JsonWriter& json) {
    for (const Duel& verdict : draws.verdicts) {
      if (!verdict.boundless.empty()) continue;
      for (const double ratio : verdict.ratios) {
        json.begin_object()
            .member("pair", verdict.second + " over " + verdict.first)
            .member("ratio", ratio)
            .end_object();
      }
    }
  };
  return vega_text(values, fmt::format(R"({{"mark": "bar", "encoding": {{
    "x": {{"field": "ratio", "type": "quantitative", "bin": {{"maxbins": 40}}, "title": "{}, over the first"}},
    "y": {{"aggregate": "count", "title": "draws"}},
    "row": {{"field": "pair", "type": "nominal", "title": null}}}}}})",
                                       draws.measure.name));
}

}  // namespace

std::string sentence_of(const Duel& verdict) {
  if (!verdict.refusal.empty()) return fmt::format("{}: refused: {}", verdict.second, verdict.refusal);
  if (!verdict.boundless.empty()) {
    return fmt::format("no winner of {} and {}: {} is a placeholder without a range", verdict.first, verdict.second,
                       verdict.boundless.front());
  }
  const std::size_t draws = verdict.draws();
  std::string refused;
  if (verdict.refused > 0) {
    refused = fmt::format("; in {} more one of them is refused, first {}", verdict.refused, verdict.why_refused);
  }
  if (draws == 0) return fmt::format("{} and {} never both run{}", verdict.first, verdict.second, refused);
  if (verdict.ties == draws) {
    return fmt::format("{} and {} are equal in every one of {} draws{}", verdict.first, verdict.second, draws, refused);
  }
  const bool second = verdict.wins >= verdict.losses;
  const std::size_t won = second ? verdict.wins : verdict.losses;
  std::string out = fmt::format("{} wins against {} in {:.3g} % of {} draws", second ? verdict.second : verdict.first,
                                second ? verdict.first : verdict.second,
                                100 * static_cast<double>(won) / static_cast<double>(draws), draws);
  const bool clear = !verdict.influences.empty() && std::abs(verdict.influences.front().correlation) >= noise(draws);
  if (!clear) {
    out += verdict.decided ? "" : ", decided by no one number";
  } else {
    out += (verdict.decided ? "; the margin follows " : ", decided by ") + influence_text(verdict.influences.front());
  }
  return out + refused;
}

Answer draws_answer(const Field& field, const Draws& draws) {
  const std::size_t count = draws.values.empty() ? 0 : draws.values.front().size();
  std::vector<std::string> names;
  for (const Contender& each : field.contenders) names.push_back(each.name);
  Answer out;
  out.text = text_of(draws, count);
  out.key = "draws";
  out.json = [draws, count](JsonWriter& json) { write_json(json, draws, count); };
  out.csv = csv_of(names, draws);
  out.vega = vega_of(draws);
  return out;
}

}  // namespace memwall::tools::compare
