// A page from sections: what a user wrote is shown and not run, numbers stay finite, and every chart is JSON.
#include "tools/page/page.hpp"

#include <algorithm>

#include "sim/base/error.hpp"
#include "sim/config/json.hpp"
#include "tests/catch.hpp"
#include "tools/page/bundle.hpp"
#include "tools/page/markup.hpp"
#include "tools/results/markup.hpp"

using namespace memwall;
using namespace memwall::tools::page;
using memwall::tools::escaped;

namespace {

const std::string hostile = "</script><script>alert(\"a\" & 'b')</script>";

Chart chart_of(const std::string& text) {
  Chart chart;
  chart.id = "made-up";
  chart.caption = text;
  chart.spec = R"("width": "container", "data": {"name": "rows"}, "mark": "point")";
  Rows rows;
  rows.row().number("x", 0.25).text("name", text).integer("n", -3);
  rows.row().number("x", 1e-12).text("name", "b").integer("n", 4);
  chart.data.emplace_back("rows", rows);
  return chart;
}

}  // namespace

TEST_CASE("markup and quotes leave nothing that a browser would take for its own") {
  CHECK(escaped("a<b>&\"'") == "a&lt;b&gt;&amp;&quot;&#39;");
  CHECK(json_text("a<b>&\"\\\n") == "\"a\\u003cb\\u003e\\u0026\\\"\\\\\\u000a\"");
  CHECK(json::parse(json_text(hostile), "text").root.text == hostile);
}

TEST_CASE("a chart's specification is JSON that holds its data") {
  const json::Node root = json::parse(chart_of(hostile).vega_lite(), "chart").root;
  const json::Node& rows = *root.find("datasets")->find("rows");
  REQUIRE(rows.items.size() == 2);
  CHECK(rows.items[0].find("x")->number == 0.25);
  CHECK(rows.items[0].find("name")->text == hostile);
  CHECK(rows.items[1].find("n")->number == 4);
  CHECK(root.find("description")->text == hostile);
  CHECK(json::parse(Rows().list(), "none").root.items.empty());
}

TEST_CASE("a chart refuses what no axis can show") {
  Rows rows;
  rows.row();
  CHECK_THROWS_AS(rows.number("x", 1.0 / 0.0), LogicError);
  CHECK_THROWS_AS(Rows().number("x", 1), LogicError);
}

TEST_CASE("every tier and every limit has a colour of its own") {
  std::vector<std::string_view> seen;
  for (std::size_t i = 0; i < tier_count; ++i) seen.push_back(colour(tier_at(i)));
  std::sort(seen.begin(), seen.end());
  CHECK(std::adjacent_find(seen.begin(), seen.end()) == seen.end());
  CHECK(tier_scale({Tier::hbm}) == "{\"domain\": [\"hbm\"], \"range\": [\"" + std::string(colour(Tier::hbm)) + "\"]}");
}

TEST_CASE("a text of any block is shown and not run") {
  if (bundle().empty()) {
    CHECK_THROWS_AS(html({}), InputError);
    return;
  }
  Page page{hostile, hostile, {}};
  Table table;
  table.caption = hostile;
  table.columns = {hostile};
  table.rows = {{hostile}};
  Tiles tiles;
  tiles.tiles.push_back({hostile, hostile, hostile, "/a", 0.1});
  page.sections.push_back({"a", hostile, {Paragraph{hostile}, table, tiles, chart_of(hostile)}});
  const std::string text = html(page);
  CHECK(text.find("<script>alert") == std::string::npos);
  CHECK(text.find("&lt;script&gt;alert") != std::string::npos);
  CHECK(text.find("data-number=\"0.1\"") != std::string::npos);
  // Its own scripts are whole: bundle, page and data, each closed once.
  const auto count = [&](const std::string& what) {
    std::size_t n = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
    return n;
  };
  CHECK(count("</script>") == 3);
  CHECK(count("<section") == 1);
  CHECK(specifications(page).size() == 1);
  CHECK(specifications(page).front().first == "made-up");
}

TEST_CASE("a table whose rows do not fit its columns is a defect of ours") {
  if (bundle().empty()) return;
  Table table;
  table.columns = {"a", "b"};
  table.rows = {{"1"}};
  CHECK_THROWS_AS(html({"t", "", {{"a", "b", {table}}}}), LogicError);
}
