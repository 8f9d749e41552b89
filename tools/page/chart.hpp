// A Vega-Lite chart: a specification without its data, and the data as rows.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/base/tier.hpp"

namespace memwall::tools::page {

/// Rows of a data set as JSON text. Numbers have seven significant digits: a chart has fewer pixels.
class Rows {
 public:
  Rows& row();
  Rows& number(std::string_view key, double value);
  Rows& integer(std::string_view key, std::int64_t value);
  Rows& text(std::string_view key, std::string_view value);

  [[nodiscard]] bool empty() const { return text_.empty(); }
  /// A JSON list.
  [[nodiscard]] std::string list() const { return "[" + text_ + (text_.empty() ? "]" : "}]"); }

 private:
  void key(std::string_view name);
  std::string text_;
  bool first_ = true;
};

struct Chart {
  std::string id;       ///< letters, digits and hyphens; its file is charts/<id>.vl.json
  std::string caption;  ///< what it shows and how to read it, in a sentence or two
  /// Members of a single or layered view as JSON, without the braces around them. Data come by name from `data`. The
  /// width is the page's: "width": "container".
  std::string spec;
  std::vector<std::pair<std::string, Rows>> data;
  std::string whole;  ///< a specification that exists already, in place of `spec` and `data`

  /// The whole specification, as notebooks and editors read it.
  [[nodiscard]] std::string vega_lite() const;
};

/// A chart from a specification that a verb writes for notebooks: brought to the version of the page and, where it is a
/// single or layered view without a width, to the width of the page.
[[nodiscard]] Chart finished_chart(std::string id, std::string caption, std::string specification);

/// The colour of a tier or of a limit, the same in every picture: "#ff725c".
[[nodiscard]] std::string_view colour(Tier tier);
[[nodiscard]] std::string_view colour(Limit limit);

/// A Vega-Lite scale for names of tiers, or of limits, that gives each its colour: {"domain": [...], "range": [...]}.
[[nodiscard]] std::string tier_scale(const std::vector<Tier>& tiers);
[[nodiscard]] std::string limit_scale(const std::vector<Limit>& limits);

}  // namespace memwall::tools::page
