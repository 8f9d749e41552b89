// What came in and went out over time, who waited, and how full the caches were.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "tools/report/facts.hpp"
#include "tools/report/sections.hpp"
#include "tools/results/time_text.hpp"

namespace memwall::tools::report {
namespace {

using page::Chart;
using page::Rows;

/// A line over time for each name.
Chart lines(const std::string& id, const std::string& caption, const TimeUnit& unit, const std::string& title,
            const std::string& format, const std::string& mark, Rows rows) {
  Chart chart;
  chart.id = id;
  chart.caption = caption;
  chart.spec = fmt::format(
      "\"width\": \"container\", \"height\": 180, \"data\": {{\"name\": \"lines\"}},\n\"mark\": {{{}, \"tooltip\": "
      "true}},\n\"encoding\": {{\"x\": {{\"field\": \"t\", \"type\": \"quantitative\", \"title\": \"time ({})\", "
      "\"scale\": {{\"nice\": false}}}}, \"y\": {{\"field\": \"value\", \"type\": \"quantitative\", \"title\": \"{}\", "
      "\"axis\": {{\"format\": \"{}\"}}}}, \"color\": {{\"field\": \"what\", \"type\": \"nominal\", \"title\": null, "
      "\"sort\": null, \"scale\": {{\"range\": [\"#4269d0\", \"#ff725c\", \"#3ca951\", \"#efb118\", \"#a463f2\", "
      "\"#38b2a0\", \"#9c6b4e\", \"#9498a0\"]}}}}}}",
      mark, unit.name, title, format);
  chart.data.emplace_back("lines", std::move(rows));
  return chart;
}

constexpr const char* step_line = "\"type\": \"line\", \"interpolate\": \"step-after\", \"strokeWidth\": 1.5";

Rows throughput(const Timeline& timeline, const TimeUnit& unit) {
  Rows rows;
  for (const bool decode : {false, true}) {
    for (std::size_t i = 0; i < timeline.used(); ++i) {
      const TimeBin& bin = timeline.bin(i);
      rows.row().number("t", static_cast<double>(i) * timeline.width_s() * unit.per_second);
      rows.text("what", decode ? "decode tokens" : "prefill tokens");
      rows.number("value", (decode ? bin.decode_tokens : bin.prefill_tokens) / timeline.width_s());
    }
  }
  return rows;
}

/// Requests that wait, and that run, at the start of each bin.
Rows queue(const RunRows& run, const TimeUnit& unit) {
  const Timeline& timeline = run.timeline;
  const std::size_t bins = timeline.used();
  std::vector<std::int64_t> waiting(bins + 1, 0);
  std::vector<std::int64_t> running(bins + 1, 0);
  // The first bin that begins at or behind the moment.
  const auto bin_behind = [&](std::int64_t ps) {
    const double bin = static_cast<double>(ps) * 1e-12 / timeline.width_s();
    const auto whole = static_cast<std::size_t>(bin);
    return std::min(bins, whole + (static_cast<double>(whole) < bin ? 1 : 0));
  };
  for (const RequestRow& request : run.requests) {
    if (!request.queue_ps) continue;
    const std::int64_t scheduled = request.arrival_ps + *request.queue_ps;
    ++waiting[bin_behind(request.arrival_ps)];
    --waiting[bin_behind(scheduled)];
    if (!request.e2e_ps) continue;
    ++running[bin_behind(scheduled)];
    --running[bin_behind(request.arrival_ps + *request.e2e_ps)];
  }
  Rows rows;
  for (const auto& [name, changes] : {std::pair{"running", &running}, {"waiting", &waiting}}) {
    std::int64_t level = 0;
    for (std::size_t i = 0; i < bins; ++i) {
      level += (*changes)[i];
      rows.row().number("t", static_cast<double>(i) * timeline.width_s() * unit.per_second);
      rows.text("what", name).integer("value", level);
    }
  }
  return rows;
}

/// Blocks of a replica of each pool, from the summary.
std::map<std::string, double> blocks_by_pool(const SummaryView& summary) {
  std::map<std::string, double> out;
  for (const json::Node& pool : member(summary.root(), "pools").items) {
    out[member(pool, "name").text] = member(member(pool, "engine"), "num_blocks").number - 1;
  }
  return out;
}

Rows occupancy(const RunFacts& facts, const Timeline& timeline, const TimeUnit& unit) {
  const std::map<std::string, double> blocks = blocks_by_pool(facts.summary);
  // A line a replica while they can be told apart; beyond that the fullest and the mean of each pool.
  constexpr std::size_t most_lines = 8;
  std::map<std::string, std::vector<const CacheUse*>> by_pool;
  for (const auto& [replica, use] : timeline.caches()) by_pool[use.pool].push_back(&use);
  Rows rows;
  const auto line = [&](const std::string& name, const std::string& pool, auto blocks_in) {
    const auto found = blocks.find(pool);
    if (found == blocks.end() || found->second <= 0) return;
    for (std::size_t i = 0; i < timeline.used(); ++i) {
      rows.row().number("t", static_cast<double>(i) * timeline.width_s() * unit.per_second);
      rows.text("what", name).number("value", blocks_in(i) / found->second);
    }
  };
  if (timeline.caches().size() <= most_lines) {
    for (const auto& [replica, use] : timeline.caches()) {
      line(fmt::format("{}, replica {}", use.pool, replica), use.pool,
           [&blocks_of = use.blocks](std::size_t i) { return static_cast<double>(blocks_of[i]); });
    }
    return rows;
  }
  for (const auto& [pool, uses] : by_pool) {
    line(pool + ", fullest", pool, [&all = uses](std::size_t i) {
      std::int64_t most = 0;
      for (const CacheUse* use : all) most = std::max(most, use->blocks[i]);
      return static_cast<double>(most);
    });
    line(pool + ", mean", pool, [&all = uses](std::size_t i) {
      double sum = 0;
      for (const CacheUse* use : all) sum += static_cast<double>(use->blocks[i]);
      return sum / static_cast<double>(all.size());
    });
  }
  return rows;
}

page::Table tier_traffic(const SummaryView& summary) {
  page::Table table;
  table.caption = "memories below the devices' own";
  table.columns = {"pool", "tier", "capacity", "written", "read", "peak", "evicted", "loads", "requests waited"};
  table.text_columns = 2;
  for (const json::Node& pool : member(summary.root(), "pools").items) {
    const json::Node* tiers = pool.find("kv_tiers");
    if (tiers == nullptr) continue;
    for (const json::Node& tier : tiers->items) {
      const auto bytes = [&](const char* key) { return bytes_text(member(tier, key).number); };
      table.rows.push_back({member(pool, "name").text, member(tier, "name").text, bytes("capacity_bytes"),
                            bytes("bytes_in"), bytes("bytes_out"), bytes("bytes_peak"), bytes("bytes_evicted"),
                            fmt::format("{:.0f}", member(tier, "loads").number),
                            time_text(member(tier, "stall_s").number)});
    }
  }
  return table;
}

}  // namespace

page::Section load(const RunRows& rows) {
  page::Section out{"load", "Throughput and queue", {}};
  if (rows.duration_s <= 0) return out;
  const TimeUnit unit = time_unit(rows.duration_s);
  if (rows.has_cycles) {
    out.blocks.emplace_back(lines("throughput", "Tokens that all replicas computed, by second of each stretch.", unit,
                                  "tokens/s", "~s", step_line, throughput(rows.timeline, unit)));
  }
  out.blocks.emplace_back(lines("queue",
                                "Requests that wait to be scheduled first, and those between being scheduled and their "
                                "last token.",
                                unit, "requests", "~s", step_line, queue(rows, unit)));
  return out;
}

page::Section cache(const RunFacts& facts, const RunRows& rows) {
  page::Section out{"cache", "KV cache", {}};
  if (rows.duration_s > 0 && rows.has_cycles) {
    const TimeUnit unit = time_unit(rows.duration_s);
    out.blocks.emplace_back(lines("occupancy",
                                  "The largest share of its blocks that a replica had in use in each stretch, as its "
                                  "rows of cycles.csv tell at their first cycles.",
                                  unit, "blocks in use", ".0%", step_line, occupancy(facts, rows.timeline, unit)));
  }
  page::Table traffic = tier_traffic(facts.summary);
  if (!traffic.rows.empty()) out.blocks.emplace_back(std::move(traffic));
  return out;
}

}  // namespace memwall::tools::report
