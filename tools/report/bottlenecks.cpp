// Where the time went, over time: tiers, limits, and single rows for whoever looks closer.
#include <fmt/format.h>

#include <algorithm>

#include "tools/report/facts.hpp"
#include "tools/report/sections.hpp"

namespace memwall::tools::report {
namespace {

using page::Chart;

std::string time_axis(const TimeUnit& unit, const char* title = "time") {
  return fmt::format("\"type\": \"quantitative\", \"title\": \"{} ({})\"", title, unit.name);
}

/// Bars of shares over bins of time, stacked by `key`.
std::string stacked(const TimeUnit& unit, const std::string& key, const std::string& scale, const std::string& title,
                    int height, const std::string& parameters) {
  return fmt::format(
      "\"width\": \"container\", \"height\": {}, \"data\": {{\"name\": \"bins\"}}, {}\n"
      "\"mark\": {{\"type\": \"bar\", \"orient\": \"vertical\", \"binSpacing\": 0, \"tooltip\": true}},\n"
      "\"encoding\": {{\"x\": {{\"field\": \"t0\", {}, \"scale\": {{\"nice\": false}}}}, \"x2\": {{\"field\": "
      "\"t1\"}},\n"
      "\"y\": {{\"field\": \"share\", \"type\": \"quantitative\", \"stack\": \"zero\", \"title\": \"{}\",\n"
      "\"axis\": {{\"format\": \".0%\", \"tickCount\": 3}}, \"scale\": {{\"domain\": [0, 1]}}}},\n"
      "\"color\": {{\"field\": \"{}\", \"type\": \"nominal\", \"title\": null, \"scale\": {}}}}}",
      height, parameters, time_axis(unit), title, key, scale);
}

Chart single_pieces(const TimeUnit& unit, const std::string& scale) {
  Chart chart;
  chart.id = "rows";
  chart.caption = "single rows of cycles.csv";
  chart.spec = fmt::format(
      "\"width\": \"container\", \"height\": 200, \"data\": {{\"name\": \"pieces\"}},\n"
      "\"mark\": {{\"type\": \"bar\", \"height\": {{\"band\": 0.85}}}},\n"
      "\"encoding\": {{\"x\": {{\"field\": \"t0\", {}, \"scale\": {{\"nice\": false}}}}, \"x2\": {{\"field\": "
      "\"t1\"}},\n"
      "\"y\": {{\"field\": \"lane\", \"type\": \"nominal\", \"title\": null}},\n"
      "\"color\": {{\"field\": \"tier\", \"type\": \"nominal\", \"title\": null, \"scale\": {}}},\n"
      "\"tooltip\": [{{\"field\": \"tier\", \"title\": \"bottleneck\"}}, {{\"field\": \"limit\"}},\n"
      "{{\"field\": \"ms\", \"title\": \"length (ms)\"}}, {{\"field\": \"cycles\"}}, {{\"field\": \"sequences\"}},\n"
      "{{\"field\": \"prefill\", \"title\": \"prefill tokens\"}}, {{\"field\": \"decode\", \"title\": \"decode "
      "tokens\"}}]}}",
      time_axis(unit), scale);
  chart.data.emplace_back("pieces", page::Rows());
  return chart;
}

template <class Members, class SecondsOf, class AllOf>
page::Rows share_rows(const Timeline& timeline, double unit, double end, const char* key, const Members& members,
                      SecondsOf seconds, AllOf all) {
  page::Rows rows;
  for (std::size_t i = 0; i < timeline.used(); ++i) {
    const TimeBin& bin = timeline.bin(i);
    const double whole = all(bin);
    if (whole <= 0) continue;
    const double begin = static_cast<double>(i) * timeline.width_s() * unit;
    for (const auto member : members) {
      if (seconds(bin, member) <= 0) continue;
      rows.row().number("t0", begin).number("t1", std::min(begin + timeline.width_s() * unit, end));
      rows.text(key, name(member)).number("share", seconds(bin, member) / whole);
    }
  }
  return rows;
}

page::Table shares_table(const SummaryView& summary) {
  page::Table table;
  table.caption = "shares by tier";
  table.columns = {"tier", "critical time", "bottleneck of", "runner-up of", "prefill", "decode", "mixed"};
  for (const std::string_view tier : tier_names) {
    const auto share = [&](const std::string& group) { return number_at(summary, group + "/" + std::string(tier)); };
    const std::string phases = "/cycles/by_phase/";
    const std::vector<double> values = {share("/cycles/time_share"),         share("/cycles/bottleneck_share"),
                                        share("/cycles/runner_up_share"),    share(phases + "prefill/time_share"),
                                        share(phases + "decode/time_share"), share(phases + "mixed/time_share")};
    std::vector<std::string> row = {std::string(tier)};
    double sum = 0;
    for (const double value : values) {
      sum += value;
      row.push_back(value > 0 ? share_text(value) : "");
    }
    if (sum > 0) table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace

page::Section bottlenecks(const RunFacts& facts, const RunRows& rows) {
  page::Section out{"bottlenecks", "Bottlenecks over time", {}};
  if (!rows.has_cycles) {
    out.blocks.push_back(page::Paragraph{
        "The run wrote no cycles.csv (--cycles none), so that nothing is known of single stretches of time."});
  } else if (rows.duration_s > 0) {
    const TimeUnit unit = time_unit(rows.duration_s);
    const Timeline& timeline = rows.timeline;
    const std::vector<Tier> tiers = timeline.bottlenecks();
    const std::vector<Limit> limits = timeline.limits();
    page::Explorer explorer;
    Chart& overview = explorer.overview;
    overview.id = "tiers";
    overview.caption =
        "Critical seconds of each tier as a share of all replicas' time. Draw over it to look at a stretch; the charts "
        "below follow.";
    overview.spec = stacked(unit, "tier", page::tier_scale(timeline.tiers()), "share of time", 150,
                            "\"params\": [{\"name\": \"window\", \"select\": {\"type\": \"interval\", \"encodings\": "
                            "[\"x\"]}}],");
    overview.data.emplace_back(
        "bins", share_rows(
                    timeline, unit.per_second, rows.duration_s * unit.per_second, "tier", timeline.tiers(),
                    [](const TimeBin& bin, Tier tier) { return bin.critical_s[tier]; },
                    [](const TimeBin& bin) { return bin.all_s(); }));
    explorer.shares.id = "bottleneck";
    explorer.shares.caption =
        "The bottleneck: of each stretch the share whose cycles the tier limits; where few enough rows of cycles.csv "
        "are left, each is drawn.";
    explorer.shares.spec = stacked(unit, "tier", page::tier_scale(tiers), "bottleneck", 200, "");
    explorer.shares.data.emplace_back("bins",
                                      share_rows(
                                          timeline, unit.per_second, rows.duration_s * unit.per_second, "tier", tiers,
                                          [](const TimeBin& bin, Tier tier) { return bin.bottleneck_s[tier]; },
                                          [](const TimeBin& bin) { return bin.all_s(); }));
    explorer.limits.id = "limit";
    explorer.limits.caption = "The limit: what kept the batch from growing, as a share of all replicas' time.";
    explorer.limits.spec = stacked(unit, "limit", page::limit_scale(limits), "limit", 90, "");
    explorer.limits.data.emplace_back(
        "bins", share_rows(
                    timeline, unit.per_second, rows.duration_s * unit.per_second, "limit", limits,
                    [](const TimeBin& bin, Limit limit) { return bin.limit_s[static_cast<std::size_t>(limit)]; },
                    [](const TimeBin& bin) { return bin.all_s(); }));
    explorer.single = single_pieces(unit, page::tier_scale(tiers));
    explorer.pieces =
        rows.pieces.json({rows.duration_s, unit.per_second, unit.name}, tiers, limits, explorer.single.id);
    out.blocks.emplace_back(std::move(explorer));
  }
  out.blocks.emplace_back(shares_table(facts.summary));
  return out;
}

}  // namespace memwall::tools::report
