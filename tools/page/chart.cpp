#include "tools/page/chart.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "sim/base/error.hpp"
#include "tools/page/markup.hpp"

namespace memwall::tools::page {
namespace {

// Told apart in both themes, with grey for time that nothing needs.
constexpr std::array<std::string_view, tier_count> tier_colours = {
    "#4269d0", "#97bbf5", "#38b2a0", "#ff725c", "#3ca951", "#9c6b4e", "#a463f2", "#d06be0", "#efb118",
    "#c9a227", "#7a8b99", "#5b6b7a", "#8a5a2b", "#ff8ab7", "#e0559a", "#7fbf3f", "#b40000", "#b9bcc4"};
constexpr std::array<std::string_view, limit_count> limit_colours = {"#b9bcc4", "#ff725c", "#4269d0",
                                                                     "#efb118", "#7fbf3f", "#a463f2"};

template <class Names>
std::string scale(const Names& members) {
  std::string domain;
  std::string range;
  for (const auto member : members) {
    const char* comma = domain.empty() ? "" : ", ";
    domain += fmt::format("{}\"{}\"", comma, name(member));
    range += fmt::format("{}\"{}\"", comma, colour(member));
  }
  return "{\"domain\": [" + domain + "], \"range\": [" + range + "]}";
}

}  // namespace

std::string_view colour(Tier tier) { return tier_colours[index(tier)]; }
std::string_view colour(Limit limit) { return limit_colours[static_cast<std::size_t>(limit)]; }
std::string tier_scale(const std::vector<Tier>& tiers) { return scale(tiers); }
std::string limit_scale(const std::vector<Limit>& limits) { return scale(limits); }

Rows& Rows::row() {
  text_ += text_.empty() ? "{" : "},\n{";
  first_ = true;
  return *this;
}

void Rows::key(std::string_view name) {
  law(!text_.empty(), "a row of a chart's data begins with row()");
  text_ += first_ ? "\"" : ",\"";
  text_ += name;
  text_ += "\":";
  first_ = false;
}

Rows& Rows::number(std::string_view name, double value) {
  law(value - value == 0, "a chart's data are finite");
  key(name);
  fmt::format_to(std::back_inserter(text_), "{:.7g}", value);
  return *this;
}

Rows& Rows::integer(std::string_view name, std::int64_t value) {
  key(name);
  fmt::format_to(std::back_inserter(text_), "{}", value);
  return *this;
}

Rows& Rows::text(std::string_view name, std::string_view value) {
  key(name);
  text_ += json_text(value);
  return *this;
}

std::string Chart::vega_lite() const {
  if (!whole.empty()) return whole;
  std::string out = "{\"$schema\": \"https://vega.github.io/schema/vega-lite/v6.json\",\n\"description\": ";
  out += json_text(caption) + ",\n" + spec + ",\n\"datasets\": {";
  for (std::size_t i = 0; i < data.size(); ++i) {
    out += (i == 0 ? "" : ",\n") + json_text(data[i].first) + ": " + data[i].second.list();
  }
  return out + "}}\n";
}

Chart finished_chart(std::string id, std::string caption, std::string specification) {
  const std::string_view old = "vega-lite/v5.json";
  if (const std::size_t at = specification.find(old); at != std::string::npos) {
    specification.replace(at, old.size(), "vega-lite/v6.json");
  }
  const auto holds = [&](std::string_view word) { return specification.find(word) != std::string::npos; };
  const bool single =
      !holds("\"width\"") && !holds("concat\"") && !holds("\"facet\"") && !holds("\"row\"") && !holds("\"column\"");
  const std::size_t open = specification.find('{');
  law(open != std::string::npos, "a specification is a JSON object");
  if (single) specification.insert(open + 1, "\n  \"width\": \"container\", \"height\": 360,");
  Chart out;
  out.id = std::move(id);
  out.caption = std::move(caption);
  out.whole = std::move(specification);
  return out;
}

}  // namespace memwall::tools::page
