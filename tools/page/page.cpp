#include "tools/page/page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>

#include "sim/base/embedded.hpp"
#include "sim/base/error.hpp"
#include "tools/page/bundle.hpp"
#include "tools/page/markup.hpp"
#include "tools/results/markup.hpp"

namespace memwall {
std::span<const EmbeddedFile> page_files();
}

namespace memwall::tools::page {
namespace {

std::string file(std::string_view ending) {
  for (const EmbeddedFile& each : page_files()) {
    if (each.path.ends_with(ending)) return std::string(each.text);
  }
  throw LogicError("the program carries no file of pages that ends in " + std::string(ending));
}

/// JSON inside of a script element. A `<` can only stand in a text there, where its escape means the same.
std::string data_script(std::string_view id, std::string_view kind, const std::string& json) {
  std::string out = fmt::format("<script type=\"application/json\" id=\"{}-{}\">", id, kind);
  out.reserve(out.size() + json.size() + 64);
  for (std::size_t at = 0; at < json.size();) {
    const std::size_t next = std::min(json.find('<', at), json.size());
    out.append(json, at, next - at);
    if (next < json.size()) out += "\\u003c";
    at = next + 1;
  }
  return out + "</script>\n";
}

/// Apart from the ids of sections.
std::string canvas_id(const Chart& chart) { return "chart-" + escaped(chart.id); }

std::string figure(const Chart& chart, std::string_view kind) {
  return fmt::format(
             "<figure class=\"chart\" data-{0}=\"{1}\"><div class=\"canvas\" id=\"{1}\" role=\"img\" "
             "aria-label=\"{2}\"></div><figcaption>{2}</figcaption></figure>\n",
             kind, canvas_id(chart), escaped(chart.caption)) +
         data_script(canvas_id(chart), "spec", chart.vega_lite());
}

std::string markup(const Paragraph& paragraph) { return "<p>" + escaped(paragraph.text) + "</p>\n"; }

std::string markup(const Printed& printed) {
  return "<pre class=\"scroll\" tabindex=\"0\">" + escaped(printed.text) + "</pre>\n";
}

std::string markup(const Tiles& tiles) {
  std::string out = "<dl class=\"tiles\">\n";
  for (const Tiles::Tile& tile : tiles.tiles) {
    std::string source;
    if (!tile.pointer.empty()) {
      source = fmt::format(" data-pointer=\"{}\" data-number=\"{}\"", escaped(tile.pointer), tile.number);
    }
    out += fmt::format("<div class=\"tile\"{}><dt>{}</dt><dd><strong>{}</strong>", source, escaped(tile.label),
                       escaped(tile.value));
    if (!tile.note.empty()) out += "<span>" + escaped(tile.note) + "</span>";
    out += "</dd></div>\n";
  }
  return out + "</dl>\n";
}

std::string markup(const Table& table) {
  const auto cell = [&](std::string_view tag, std::size_t column, const std::string& text) {
    return fmt::format("<{0}{1}>{2}</{0}>", tag, column < table.text_columns ? "" : " class=\"number\"", escaped(text));
  };
  std::string out = "<div class=\"scroll\" tabindex=\"0\"><table><thead><tr>";
  for (std::size_t i = 0; i < table.columns.size(); ++i) out += cell("th", i, table.columns[i]);
  out += "</tr></thead><tbody>\n";
  for (const auto& row : table.rows) {
    law(row.size() == table.columns.size(), "a row of a table has a cell for each column");
    out += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) out += cell("td", i, row[i]);
    out += "</tr>\n";
  }
  out += "</tbody></table></div>\n";
  if (table.folded) return "<details><summary>" + escaped(table.caption) + "</summary>" + out + "</details>\n";
  return table.caption.empty() ? out : "<h3>" + escaped(table.caption) + "</h3>\n" + out;
}

std::string markup(const Chart& chart) { return figure(chart, "chart"); }

std::string markup(const Picture& picture) {
  return "<figure class=\"picture\"><div class=\"scroll\" tabindex=\"0\">" + picture.svg + "</div><figcaption>" +
         escaped(picture.caption) + "</figcaption></figure>\n";
}

std::string markup(const Explorer& explorer) {
  std::string out = "<div class=\"explorer\" data-explorer=\"" + canvas_id(explorer.overview) + "\">\n";
  out += figure(explorer.overview, "overview");
  out += "<div class=\"controls\" role=\"group\" aria-label=\"stretch of time\">";
  for (const auto& [action, label, spoken] : {std::tuple{"earlier", "&#9664;", "earlier"},
                                              {"later", "&#9654;", "later"},
                                              {"in", "+", "zoom in"},
                                              {"out", "&#8722;", "zoom out"},
                                              {"all", "all", "the whole run"}}) {
    out +=
        fmt::format("<button type=\"button\" data-action=\"{}\" aria-label=\"{}\">{}</button>", action, spoken, label);
  }
  out += "<output aria-live=\"polite\"></output></div>\n";
  out += figure(explorer.shares, "shares") + figure(explorer.limits, "limits");
  // What single pieces look like is drawn in place of the shares; it has no figure of its own.
  out += data_script(canvas_id(explorer.single), "spec", explorer.single.vega_lite());
  out += data_script(canvas_id(explorer.overview), "pieces", explorer.pieces);
  return out + "</div>\n";
}

void list(const Block& block, std::vector<std::pair<std::string, std::string>>& out) {
  const auto add = [&](const Chart& chart) { out.emplace_back(chart.id, chart.vega_lite()); };
  if (const auto* chart = std::get_if<Chart>(&block)) add(*chart);
  if (const auto* explorer = std::get_if<Explorer>(&block)) {
    add(explorer->overview);
    add(explorer->shares);
    add(explorer->limits);
  }
}

}  // namespace

void require_pages() {
  if (!bundle().empty()) return;
  throw InputError(
      "this memwall was built without its HTML pages: npm was missing, or -D MEMWALL_PAGE=OFF was given; install the "
      "Debian packages nodejs and npm, configure again and build");
}

std::string html(const Page& page) {
  require_pages();
  std::string out;
  out.reserve(bundle().size() + (std::size_t{1} << 20));
  // The policy holds whatever the page is made to show: nothing is loaded from anywhere. Vega compiles expressions.
  out += fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
      "script-src 'unsafe-inline' 'unsafe-eval'; img-src data: blob:\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n<link rel=\"icon\" href=\"data:,\">\n"
      "<style>\n{}</style>\n</head>\n<body>\n",
      escaped(page.title), file("page.css"));
  out +=
      "<header><h1>" + escaped(page.title) + "</h1><p>" + escaped(page.subtitle) + "</p><nav aria-label=\"sections\">";
  for (const Section& section : page.sections) {
    out += fmt::format("<a href=\"#{}\">{}</a>", escaped(section.id), escaped(section.heading));
  }
  out += "</nav></header>\n<main>\n";
  for (const Section& section : page.sections) {
    out += fmt::format("<section id=\"{0}\" aria-labelledby=\"{0}-heading\"><h2 id=\"{0}-heading\">{1}</h2>\n",
                       escaped(section.id), escaped(section.heading));
    for (const Block& block : section.blocks) {
      out += std::visit([](const auto& each) { return markup(each); }, block);
    }
    out += "</section>\n";
  }
  out += "</main>\n<noscript><p>The charts need JavaScript; tables and numbers do not.</p></noscript>\n<script>\n";
  out += bundle();
  out += "</script>\n<script>\n" + file("page.js") + "</script>\n</body>\n</html>\n";
  return out;
}

std::vector<std::pair<std::string, std::string>> specifications(const Page& page) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const Section& section : page.sections) {
    for (const Block& block : section.blocks) list(block, out);
  }
  return out;
}

}  // namespace memwall::tools::page
