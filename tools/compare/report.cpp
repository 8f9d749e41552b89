#include "tools/compare/report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/tier.hpp"
#include "sim/config/json_writer.hpp"
#include "tools/compare/paired.hpp"
#include "tools/compare/why.hpp"

namespace memwall::tools::compare {
namespace {

constexpr std::size_t label_width = 24;

std::size_t column_width(const std::vector<Contender>& contenders) {
  std::size_t width = 17;
  for (const Contender& each : contenders) width = std::max(width, each.name.size() + 2);
  return width;
}

/// What the difference to the first is, as a share of it where it is not zero.
std::string difference_text(const std::vector<double>& base, const std::vector<double>& values) {
  const Difference difference = paired_difference(base, values);
  const double whole = mean(base);
  if (difference.mean == 0) return "=";
  std::string out =
      whole != 0 ? fmt::format("{:+.1f} %", difference.mean / whole * 100) : fmt::format("{:+.4g}", difference.mean);
  if (difference.half_width && whole != 0) out += fmt::format(" +-{:.1f}", *difference.half_width / whole * 100);
  return out;
}

const Contender* first_with_results(const std::vector<Contender>& contenders) {
  for (const Contender& each : contenders) {
    if (each.refusal.empty()) return &each;
  }
  return nullptr;
}

/// The tier that limits most of the busy time, and its share of it.
struct Leader {
  std::string_view tier = "-";
  double share = 0;
};
Leader leader_of(const Contender& contender) {
  Leader out;
  for (const std::string_view tier : tier_names) {
    const SummaryView::Value value = contender.runs.front().at("/cycles/bottleneck_share/" + std::string(tier));
    const double* share = std::get_if<double>(&value);
    if (share != nullptr && *share > out.share) out = {tier, *share};
  }
  return out;
}

template <class Cell>
void add_row(std::string& text, std::string_view label, const std::vector<Contender>& contenders, std::size_t width,
             Cell&& cell) {
  text += fmt::format("  {:<{}}", label, label_width);
  for (const Contender& each : contenders) {
    text += fmt::format("{:>{}}", each.refusal.empty() ? cell(each) : std::string("refused"), width);
  }
  text += '\n';
}

}  // namespace

std::string comparison_text(const std::vector<Contender>& contenders) {
  const std::size_t width = column_width(contenders);
  std::string text = fmt::format("  {:<{}}", "", label_width);
  for (const Contender& each : contenders) text += fmt::format("{:>{}}", each.name, width);
  text += '\n';
  add_row(text, "devices", contenders, width, [](const Contender& c) { return fmt::format("{}", c.devices()); });
  const Contender* base = first_with_results(contenders);
  for (const Measure& measure : measures()) {
    const bool known = std::any_of(contenders.begin(), contenders.end(),
                                   [&](const Contender& c) { return c.values(measure).has_value(); });
    if (!known) continue;
    add_row(text, measure.name, contenders, width, [&](const Contender& c) {
      const auto values = c.values(measure);
      return values ? fmt::format("{:.4g}", mean(*values)) : std::string("unknown");
    });
    const auto reference = base->values(measure);
    if (!reference || contenders.size() < 2) continue;
    add_row(text, "", contenders, width, [&](const Contender& c) {
      const auto values = c.values(measure);
      return &c == base || !values ? std::string() : difference_text(*reference, *values);
    });
  }
  if (base != nullptr) {
    add_row(text, "bottleneck", contenders, width, [](const Contender& c) { return std::string(leader_of(c).tier); });
    add_row(text, "of busy time, %", contenders, width,
            [](const Contender& c) { return fmt::format("{:.1f}", leader_of(c).share * 100); });
  }
  std::string adapted;
  for (const Contender& each : contenders) {
    for (const std::string& sentence : each.adapted) adapted += fmt::format("  {}\n", sentence);
  }
  if (!adapted.empty()) text += "\nadapted\n" + adapted;
  std::string reasons;
  for (const Contender& each : contenders) {
    if (!each.refusal.empty()) reasons += fmt::format("  {}: refused: {}\n", each.name, each.refusal);
    if (base == nullptr || &each == base || !each.refusal.empty()) continue;
    if (const std::string reason = why(*base, each); !reason.empty()) reasons += fmt::format("  {}\n", reason);
  }
  return text + (reasons.empty() ? "" : "\nwhy\n" + reasons);
}

std::string comparison_json(const std::vector<Contender>& contenders, const std::vector<Answer>& answers) {
  std::string text;
  JsonWriter json(text);
  const Contender* base = first_with_results(contenders);
  json.begin_object().member("schema", 1).key("contenders").begin_list();
  for (const Contender& each : contenders) {
    json.begin_object().member("name", each.name).member("path", each.path);
    if (!each.adapted.empty()) {
      json.key("adapted").begin_list();
      for (const std::string& sentence : each.adapted) json.value(sentence);
      json.end_list();
    }
    if (!each.refusal.empty()) {
      json.member("refused", each.refusal).end_object();
      continue;
    }
    json.member("devices", each.devices()).key("measures").begin_list();
    for (const Measure& measure : measures()) {
      const auto values = each.values(measure);
      if (!values) continue;
      json.begin_object().member("name", measure.name).member("metric", measure.pointer);
      json.member("mean", mean(*values)).key("runs").begin_list();
      for (const double value : *values) json.value(value);
      json.end_list();
      const auto reference = base->values(measure);
      if (&each != base && reference) {
        const Difference difference = paired_difference(*reference, *values);
        json.member("difference", difference.mean);
        if (difference.half_width) json.member("half_width_95", *difference.half_width);
      }
      json.end_object();
    }
    json.end_list();
    if (&each != base) {
      json.member("why", why(*base, each)).key("seconds_per_token").begin_list();
      for (const TierMove& move : tier_moves(*base, each)) {
        json.begin_object().member("tier", move.tier).member("difference", move.seconds).end_object();
      }
      json.end_list();
    }
    json.end_object();
  }
  json.end_list();
  for (const Answer& answer : answers) {
    if (answer.key.empty()) continue;
    json.key(answer.key);
    answer.json(json);
  }
  json.end_object().finish();
  return text;
}

}  // namespace memwall::tools::compare
