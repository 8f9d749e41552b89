// The machine as pictures: memories with what lies in them, and the roofline with the operators of the run.
#include <fmt/format.h>

#include <algorithm>

#include "tools/page/markup.hpp"
#include "tools/report/facts.hpp"
#include "tools/report/sections.hpp"
#include "tools/results/markup.hpp"
#include "tools/results/time_text.hpp"

namespace memwall::tools::report {
namespace {

using page::Chart;
using page::Rows;

constexpr double picture_width = 900;
constexpr double row_height = 74;

struct Memory {
  std::string name;
  std::string tier;
  double capacity = 0;
  double bandwidth = 0;
  double drain_s = 0;
  double used_share = -1;  ///< of the time its bandwidth was busy; negative: not known
  std::vector<std::pair<std::string, double>> contents;
};

/// Memories of one pool, its device's first.
std::vector<Memory> memories_of(const SummaryView& summary, const json::Node& pool, std::size_t position) {
  std::vector<Memory> out;
  for (const json::Node& each : member(pool, "memories").items) {
    Memory memory;
    memory.name = member(each, "name").text;
    memory.tier = member(each, "tier").text;
    memory.capacity = member(each, "capacity_bytes").number;
    memory.bandwidth = member(each, "bandwidth_bytes_per_s").number;
    memory.drain_s = member(each, "drain_s").number;
    memory.used_share = number_at(summary, fmt::format("/pools/{}/utilisation/{}", position, memory.tier));
    out.push_back(std::move(memory));
  }
  if (!out.empty()) {
    if (member(pool, "contents_of").text == "replica")
      out.front().capacity *= member(pool, "devices_per_replica").number;
    for (const json::Member& term : member(pool, "contents").members) {
      out.front().contents.emplace_back(term.key, term.value.number);
    }
  }
  const std::string tiers = fmt::format("/pools/{}/kv_tiers/", position);
  for (std::size_t i = 0; i < member(pool, "kv_tiers").items.size(); ++i) {
    const json::Node& each = member(pool, "kv_tiers").items[i];
    Memory memory;
    memory.name = member(each, "name").text + (member(each, "shared").boolean ? ", shared" : "");
    memory.tier = member(each, "tier").text;
    memory.capacity = member(each, "capacity_bytes").number;
    memory.bandwidth = member(each, "bandwidth_bytes_per_s").number;
    memory.drain_s = member(each, "drain_s").number;
    memory.contents.emplace_back("cached at most", number_at(summary, fmt::format("{}{}/bytes_peak", tiers, i)));
    out.push_back(std::move(memory));
  }
  return out;
}

constexpr const char* content_colours[] = {"#4269d0", "#efb118", "#9c6b4e", "#ff725c", "#a463f2", "#38b2a0"};

std::string colour_of(const std::string& content, std::size_t place) {
  if (content == "kv_cache" || content == "cached at most") return "#3ca951";
  return content_colours[place % std::size(content_colours)];
}

/// A bar a memory, all of one width, filled by what lies in it; the pipe above it is as wide as its bandwidth.
std::string drawing(const std::string& title, const std::vector<Memory>& all) {
  constexpr double left = 230;
  constexpr double bar = 440;
  double fastest = 0;
  for (const Memory& memory : all) fastest = std::max(fastest, memory.bandwidth);
  const double height = row_height * static_cast<double>(all.size()) + 8;
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" role=\"img\" font-family=\"system-ui, "
      "sans-serif\" font-size=\"13\"><title>{}</title>\n",
      picture_width, height, escaped(title));
  double y = 8;
  for (const Memory& memory : all) {
    out += fmt::format("<text x=\"0\" y=\"{:.0f}\" font-weight=\"600\">{}</text>\n", y + 18, escaped(memory.name));
    out += fmt::format("<text x=\"0\" y=\"{:.0f}\" class=\"muted\">{}</text>\n", y + 36,
                       escaped(memory.tier + ", " + rate_text(memory.bandwidth)));
    const double pipe = std::max(1.0, bar * memory.bandwidth / fastest);
    out += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.0f}\" width=\"{:.1f}\" height=\"5\" fill=\"#7a8b99\"><title>{}</title></rect>\n",
        left, y, pipe, escaped("bandwidth " + rate_text(memory.bandwidth)));
    out += fmt::format("<rect x=\"{:.1f}\" y=\"{:.0f}\" width=\"{:.1f}\" height=\"28\" class=\"panel\"/>\n", left,
                       y + 8, bar);
    double x = left;
    std::size_t place = 0;
    std::string legend;
    for (const auto& [content, bytes] : memory.contents) {
      const double width = std::min(bar * bytes / memory.capacity, left + bar - x);
      const std::string text = content + " " + bytes_text(bytes);
      const std::string fill = colour_of(content, place++);
      out += fmt::format(
          "<rect x=\"{:.1f}\" y=\"{:.0f}\" width=\"{:.1f}\" height=\"28\" fill=\"{}\"><title>{}</title></rect>\n", x,
          y + 8, std::max(0.0, width), fill, escaped(text));
      x += width;
      legend +=
          fmt::format("{}<tspan fill=\"{}\">&#9632;</tspan> {}", legend.empty() ? "" : "&#160; ", fill, escaped(text));
    }
    out += fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\" class=\"muted\" font-size=\"11\">{}</text>\n", left, y + 51,
                       legend);
    out += fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\">{}</text>\n", left + bar + 14, y + 18,
                       escaped(bytes_text(memory.capacity) + ", drains in " + time_text(memory.drain_s)));
    if (memory.used_share >= 0) {
      out += fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\" class=\"muted\">busy {} of the time</text>\n",
                         left + bar + 14, y + 36, share_text(memory.used_share));
    }
    y += row_height;
  }
  return out + "</svg>\n";
}

Rows roofs(const json::Node& pool, double least, double most) {
  Rows rows;
  const json::Node& peaks = member(pool, "peaks");
  const json::Node& memories = member(pool, "memories");
  const double bandwidth = member(memories.items.front(), "bandwidth_bytes_per_s").number;
  const double fastest = member(peaks.items.front(), "flops_per_s").number;
  const auto line = [&](const std::string& name, double x1, double y1, double x2, double y2) {
    rows.row().text("line", name).number("x", x1).number("y", y1);
    rows.row().text("line", name).number("x", x2).number("y", y2);
  };
  for (const json::Node& peak : peaks.items) {
    const double rate = member(peak, "flops_per_s").number;
    const double ridge = std::max(rate / bandwidth, least);
    if (ridge < most) line(member(peak, "formats").text, ridge, rate, most, rate);
  }
  for (const json::Node& memory : memories.items) {
    const double slope = member(memory, "bandwidth_bytes_per_s").number;
    const double end = std::min(fastest / slope, most);
    if (end > least) line(member(memory, "name").text, least, least * slope, end, end * slope);
  }
  return rows;
}

Chart roofline_chart(const json::Node& pool, std::size_t position) {
  const json::Node& operators = member(pool, "operators");
  const double bandwidth = member(member(pool, "memories").items.front(), "bandwidth_bytes_per_s").number;
  double least = 0.3;
  double most = member(member(pool, "peaks").items.front(), "flops_per_s").number / bandwidth * 4;
  Rows points;
  for (const json::Node& each : operators.items) {
    const double intensity = member(each, "flops_per_byte").number;
    least = std::min(least, intensity / 2);
    most = std::max(most, intensity * 2);
    points.row().text("operator", member(each, "name").text).number("x", intensity);
    points.number("y", member(each, "flops_per_s").number).text("tier", member(each, "tier").text);
    points.number("of_roof", member(each, "flops_per_s").number / member(each, "roof_flops_per_s").number);
  }
  std::vector<Tier> tiers;
  for (std::size_t i = 0; i < tier_count; ++i) {
    if (std::any_of(operators.items.begin(), operators.items.end(),
                    [i](const json::Node& each) { return member(each, "tier").text == tier_names[i]; })) {
      tiers.push_back(tier_at(i));
    }
  }
  Chart chart;
  chart.id = fmt::format("roofline-{}", position);
  chart.caption = fmt::format(
      "{} of pool {}: lines are the peaks of its number formats and the bandwidths of its memories; dots are the "
      "operators of a decode cycle of {:.0f} sequences of {:.0f} tokens, the run's mean, at the rate that their prices "
      "give, coloured by the tier that takes most of it. A dot below its roof loses the rest to that tier.",
      member(pool, "device_name").text, member(pool, "name").text,
      member(member(pool, "decode_batch"), "sequences").number,
      member(member(pool, "decode_batch"), "context_tokens").number);
  chart.spec =
      "\"width\": \"container\", \"height\": 320, \"layer\": [{\"data\": {\"name\": \"roofs\"}, \"mark\": {\"type\": "
      "\"line\", \"color\": \"#7a8b99\", \"tooltip\": true}, \"encoding\": {\"x\": {\"field\": \"x\", \"type\": "
      "\"quantitative\", \"title\": \"FLOP for each byte\", \"scale\": {\"type\": \"log\", \"nice\": false}, \"axis\": "
      "{\"format\": \"~s\", \"tickCount\": 6}}, \"y\": {\"field\": \"y\", \"type\": \"quantitative\", \"title\": "
      "\"FLOP/s\", \"scale\": {\"type\": \"log\"}, \"axis\": {\"format\": \"~s\", \"tickCount\": 6}}, \"detail\": "
      "{\"field\": \"line\", \"type\": \"nominal\"}}},\n"
      "{\"data\": {\"name\": \"points\"}, \"mark\": {\"type\": \"point\", \"filled\": true, \"size\": 70, \"opacity\": "
      "0.9}, \"encoding\": {\"x\": {\"field\": \"x\", \"type\": \"quantitative\"}, \"y\": {\"field\": \"y\", \"type\": "
      "\"quantitative\"}, \"color\": {\"field\": \"tier\", \"type\": \"nominal\", \"title\": null, \"scale\": " +
      page::tier_scale(tiers) +
      "}, \"tooltip\": [{\"field\": \"operator\"}, {\"field\": \"x\", \"title\": \"FLOP/B\", \"format\": \".3s\"}, "
      "{\"field\": \"y\", \"title\": \"FLOP/s\", \"format\": \".3s\"}, {\"field\": \"of_roof\", \"title\": \"of its "
      "roof\", \"format\": \".0%\"}, {\"field\": \"tier\"}]}},\n"
      "{\"data\": {\"name\": \"points\"}, \"mark\": {\"type\": \"text\", \"align\": \"left\", \"dx\": 7, \"fontSize\": "
      "10}, \"encoding\": {\"x\": {\"field\": \"x\", \"type\": \"quantitative\"}, \"y\": {\"field\": \"y\", \"type\": "
      "\"quantitative\"}, \"text\": {\"field\": \"operator\"}}}]";
  chart.data.emplace_back("roofs", roofs(pool, least, most));
  chart.data.emplace_back("points", std::move(points));
  return chart;
}

page::Table operator_table(const json::Node& pool) {
  page::Table table;
  table.caption = "the operators as a table";
  table.folded = true;
  table.columns = {"operator", "tier", "FLOP/B", "FLOP/s", "of its roof"};
  table.text_columns = 2;
  for (const json::Node& each : member(pool, "operators").items) {
    const double rate = member(each, "flops_per_s").number;
    table.rows.push_back({member(each, "name").text, member(each, "tier").text,
                          fmt::format("{:.4g}", member(each, "flops_per_byte").number), fmt::format("{:.4g}", rate),
                          share_text(rate / member(each, "roof_flops_per_s").number)});
  }
  return table;
}

}  // namespace

page::Section memories(const RunFacts& facts) {
  page::Section out{"memories", "Memories", {}};
  const json::Node& pools = member(facts.machine.root, "pools");
  for (std::size_t i = 0; i < pools.items.size(); ++i) {
    const json::Node& pool = pools.items[i];
    const std::string owner =
        member(pool, "contents_of").text == "replica"
            ? fmt::format("the {:.0f} devices of a replica", member(pool, "devices_per_replica").number)
            : std::string("one device");
    const std::string caption = fmt::format(
        "Pool {}: memories of {} ({}), the one of weights and caches first, and those below them. Bars are filled by "
        "what lies in each; the line above a bar is as long as its bandwidth. Draining is reading all of it once: no "
        "cycle that uses everything a memory holds can be shorter.",
        member(pool, "name").text, owner, member(pool, "device_name").text);
    out.blocks.emplace_back(page::Picture{
        drawing("memories of pool " + member(pool, "name").text, memories_of(facts.summary, pool, i)), caption});
  }
  return out;
}

page::Section roofline(const RunFacts& facts) {
  page::Section out{"roofline", "Roofline", {}};
  const json::Node& pools = member(facts.machine.root, "pools");
  for (std::size_t i = 0; i < pools.items.size(); ++i) {
    const json::Node& pool = pools.items[i];
    if (member(pool, "peaks").items.empty() || member(pool, "memories").items.empty()) continue;
    out.blocks.emplace_back(roofline_chart(pool, i));
    page::Table operators = operator_table(pool);
    if (!operators.rows.empty()) out.blocks.emplace_back(std::move(operators));
  }
  return out;
}

}  // namespace memwall::tools::report
