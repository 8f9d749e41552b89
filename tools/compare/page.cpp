#include "tools/compare/page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tools/compare/why.hpp"

namespace memwall::tools::compare {
namespace {

using page::Chart;
using page::Rows;

std::vector<const Contender*> with_results(const std::vector<Contender>& contenders) {
  std::vector<const Contender*> out;
  for (const Contender& each : contenders) {
    if (each.refusal.empty() && !each.seconds_per_token().empty()) out.push_back(&each);
  }
  return out;
}

Chart time_of_a_token(const std::vector<const Contender*>& contenders) {
  Rows rows;
  std::vector<Tier> tiers;
  for (std::size_t i = 0; i < tier_count; ++i) {
    bool any = false;
    for (const Contender* each : contenders) {
      const double seconds = each->seconds_per_token()[i];
      if (seconds <= 0) continue;
      any = true;
      rows.row().text("scenario", each->name).text("tier", tier_names[i]).number("ms", seconds * 1000);
    }
    if (any) tiers.push_back(tier_at(i));
  }
  Chart chart;
  chart.id = "token-time";
  chart.caption =
      "Machine time of an output token by tier, idle time included: seconds of all devices over tokens generated. The "
      "parts add up to devices x duration / tokens.";
  chart.spec = fmt::format(
      "\"width\": \"container\", \"height\": {}, \"data\": {{\"name\": \"parts\"}},\n\"mark\": {{\"type\": \"bar\", "
      "\"tooltip\": true}},\n\"encoding\": {{\"x\": {{\"field\": \"ms\", \"type\": \"quantitative\", \"title\": "
      "\"milliseconds of a device\"}}, \"y\": {{\"field\": \"scenario\", \"type\": \"nominal\", \"sort\": null, "
      "\"title\": null, \"axis\": {{\"labelLimit\": 170}}}}, \"color\": {{\"field\": \"tier\", \"type\": \"nominal\", "
      "\"title\": null, \"scale\": {}}}}}",
      36 * contenders.size() + 20, page::tier_scale(tiers));
  chart.data.emplace_back("parts", std::move(rows));
  return chart;
}

/// From the first to another, tier by tier.
Chart waterfall(const Contender& from, const Contender& to, std::size_t position) {
  double at = 0;
  for (const double seconds : from.seconds_per_token()) at += seconds * 1000;
  Rows rows;
  const auto bar = [&](const std::string& step, double begin, double end, const char* kind) {
    rows.row().text("step", step).number("from", begin).number("to", end).text("kind", kind);
    rows.number("ms", end - begin);
  };
  bar(from.name, 0, at, "whole");
  for (const TierMove& move : tier_moves(from, to)) {
    const double next = at + move.seconds * 1000;
    bar(move.tier, at, next, move.seconds < 0 ? "less" : "more");
    at = next;
  }
  bar(to.name, 0, at, "whole");
  Chart chart;
  chart.id = fmt::format("waterfall-{}", position);
  chart.caption = why(from, to);
  chart.spec =
      "\"width\": \"container\", \"height\": 260, \"data\": {\"name\": \"steps\"},\n\"mark\": {\"type\": \"bar\", "
      "\"tooltip\": {\"content\": \"data\"}},\n\"encoding\": {\"x\": {\"field\": \"step\", \"type\": \"nominal\", "
      "\"sort\": null, \"title\": null, \"axis\": {\"labelAngle\": -40, \"labelLimit\": 120}}, \"y\": {\"field\": "
      "\"from\", \"type\": \"quantitative\", \"title\": \"milliseconds of a device\"}, \"y2\": {\"field\": \"to\"}, "
      "\"color\": {\"field\": \"kind\", \"type\": \"nominal\", \"title\": null, \"scale\": {\"domain\": [\"whole\", "
      "\"less\", \"more\"], \"range\": [\"#7a8b99\", \"#3ca951\", \"#ff725c\"]}}}";
  chart.data.emplace_back("steps", std::move(rows));
  return chart;
}

/// The key of the answer as words: "break_even" is "break even".
std::string heading(const Answer& answer) {
  std::string out = answer.key.empty() ? "answer" : answer.key;
  std::replace(out.begin(), out.end(), '_', ' ');
  return out;
}

}  // namespace

page::Page comparison_page(const std::vector<Contender>& contenders, const std::string& printed,
                           const std::vector<Answer>& answers) {
  page::Page out;
  out.title = "comparison";
  for (const Contender& each : contenders) out.subtitle += (out.subtitle.empty() ? "" : ", ") + each.name;
  out.sections.push_back({"comparison", "Side by side", {page::Printed{printed}}});
  const std::vector<const Contender*> known = with_results(contenders);
  if (!known.empty()) {
    out.sections.push_back({"tokens", "Where the time of a token goes", {time_of_a_token(known)}});
  }
  page::Section moves{"moves", "What moved", {}};
  for (std::size_t i = 1; i < known.size(); ++i) moves.blocks.emplace_back(waterfall(*known.front(), *known[i], i));
  if (!moves.blocks.empty()) out.sections.push_back(std::move(moves));
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const Answer& answer = answers[i];
    const std::string id = fmt::format("answer-{}", i + 1);
    page::Section section{id, heading(answer), {}};
    if (!answer.vega.empty()) section.blocks.emplace_back(page::finished_chart(id, heading(answer), answer.vega));
    section.blocks.emplace_back(page::Printed{answer.text});
    out.sections.push_back(std::move(section));
  }
  return out;
}

}  // namespace memwall::tools::compare
