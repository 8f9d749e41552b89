// How long requests waited, and the slowest of them one by one.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "tools/report/facts.hpp"
#include "tools/report/sections.hpp"
#include "tools/results/time_text.hpp"

namespace memwall::tools::report {
namespace {

using page::Chart;
using page::Rows;

constexpr std::size_t curve_points = 200;
constexpr std::size_t slowest_shown = 20;

double seconds(std::int64_t ps) { return static_cast<double>(ps) * 1e-12; }

/// The share of values that are at most so long, at up to `curve_points` of them. A logarithmic axis has no place for
/// 0: a curve starts at the share of the requests that did not wait.
void add_curve(Rows& rows, const std::string& metric, std::vector<std::int64_t> values) {
  std::sort(values.begin(), values.end());
  const std::size_t count = values.size();
  if (count == 0) return;
  std::size_t before = count;
  for (std::size_t i = 0; i <= curve_points; ++i) {
    const std::size_t rank = (count - 1) * i / curve_points;
    if (rank == before || values[rank] <= 0) continue;
    before = rank;
    rows.row().text("metric", metric).number("s", seconds(values[rank]));
    rows.number("share", static_cast<double>(rank + 1) / static_cast<double>(count));
  }
}

template <class Member>
std::vector<std::int64_t> completed(const RunRows& rows, Member member) {
  std::vector<std::int64_t> out;
  for (const RequestRow& request : rows.requests) {
    if (request.status == "completed" && request.*member) out.push_back(*(request.*member));
  }
  return out;
}

/// The distribution of gaps between tokens is not in the files of requests: the summary holds its percentiles.
void add_gaps(Rows& rows, const SummaryView& summary) {
  for (const auto& [key, share] : {std::pair{"p50", 0.5}, {"p90", 0.9}, {"p95", 0.95}, {"p99", 0.99}, {"max", 1.0}}) {
    const double value = number_at(summary, std::string("/latency/itl_s/") + key);
    if (value > 0) rows.row().text("metric", "itl").number("s", value).number("share", share);
  }
}

Rows objectives(const SummaryView& summary) {
  Rows rows;
  const json::Node* goodput = summary.root().find("goodput");
  const json::Node* list = goodput != nullptr ? goodput->find("objectives") : nullptr;
  if (list == nullptr) return rows;
  for (const json::Node& each : list->items) {
    const std::string& metric = member(each, "metric").text;
    rows.row().text("metric", metric).number("s", member(each, "limit_s").number);
    rows.number("share", member(each, "percentile").number / 100);
    rows.text("label",
              fmt::format("{} p{:g} <= {}: {}", metric, member(each, "percentile").number,
                          time_text(member(each, "limit_s").number), member(each, "met").boolean ? "met" : "MISSED"));
  }
  return rows;
}

page::Table percentiles(const SummaryView& summary) {
  page::Table table;
  table.columns = {"latency", "mean", "p50", "p90", "p95", "p99", "max"};
  for (const char* metric : {"ttft", "tpot", "itl", "e2e", "queue"}) {
    std::vector<std::string> row = {metric};
    for (const char* key : {"mean", "p50", "p90", "p95", "p99", "max"}) {
      row.push_back(time_text(number_at(summary, fmt::format("/latency/{}_s/{}", metric, key))));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace

page::Section latencies(const RunFacts& facts, const RunRows& rows) {
  page::Section out{"latencies", "Latencies", {}};
  Rows curves;
  add_curve(curves, "ttft", completed(rows, &RequestRow::ttft_ps));
  add_curve(curves, "tpot", completed(rows, &RequestRow::tpot_ps));
  add_curve(curves, "e2e", completed(rows, &RequestRow::e2e_ps));
  add_curve(curves, "queue", completed(rows, &RequestRow::queue_ps));
  add_gaps(curves, facts.summary);
  if (!curves.empty()) {
    Chart chart;
    chart.id = "latency";
    chart.caption =
        "The share of completed requests that waited at most so long; of itl (gaps between tokens) its percentiles. "
        "Objectives are dashed lines with a dot at the percentile that they ask for: a curve that passes to the left "
        "of its dot meets it.";
    chart.spec =
        "\"width\": \"container\", \"height\": 300, \"encoding\": {\"color\": {\"field\": \"metric\", \"type\": "
        "\"nominal\", \"title\": null, \"scale\": {\"domain\": [\"ttft\", \"tpot\", \"itl\", \"e2e\", \"queue\"], "
        "\"range\": [\"#4269d0\", \"#ff725c\", \"#efb118\", \"#3ca951\", \"#9498a0\"]}}},\n"
        "\"layer\": [{\"data\": {\"name\": \"curves\"}, \"mark\": {\"type\": \"line\", \"interpolate\": "
        "\"step-after\", \"tooltip\": true}, \"encoding\": {\"x\": {\"field\": \"s\", \"type\": \"quantitative\", "
        "\"title\": \"seconds\", \"scale\": {\"type\": \"log\"}, \"axis\": {\"format\": \"~s\", \"tickCount\": 8}}, "
        "\"y\": {\"field\": \"share\", \"type\": \"quantitative\", \"title\": \"share of requests\", \"axis\": "
        "{\"format\": \".0%\"}}}},\n"
        "{\"data\": {\"name\": \"objectives\"}, \"mark\": {\"type\": \"rule\", \"strokeDash\": [5, 4]}, "
        "\"encoding\": {\"x\": {\"field\": \"s\", \"type\": \"quantitative\"}, \"color\": {\"field\": \"metric\", "
        "\"type\": \"nominal\"}, \"tooltip\": {\"field\": \"label\"}}},\n"
        "{\"data\": {\"name\": \"objectives\"}, \"mark\": {\"type\": \"point\", \"filled\": true, \"size\": 90}, "
        "\"encoding\": {\"x\": {\"field\": \"s\", \"type\": \"quantitative\"}, \"y\": {\"field\": \"share\", \"type\": "
        "\"quantitative\"}, \"tooltip\": {\"field\": \"label\"}}}]";
    chart.data.emplace_back("curves", std::move(curves));
    chart.data.emplace_back("objectives", objectives(facts.summary));
    out.blocks.emplace_back(std::move(chart));
  }
  out.blocks.emplace_back(percentiles(facts.summary));
  return out;
}

page::Section slowest(const RunRows& rows) {
  std::vector<const RequestRow*> order;
  for (const RequestRow& request : rows.requests) {
    if (request.status == "completed" && request.queue_ps && request.ttft_ps && request.e2e_ps) {
      order.push_back(&request);
    }
  }
  std::sort(order.begin(), order.end(), [](const RequestRow* a, const RequestRow* b) {
    return *a->e2e_ps != *b->e2e_ps ? *a->e2e_ps > *b->e2e_ps : a->id < b->id;
  });
  order.resize(std::min(order.size(), slowest_shown));
  page::Section out{"slowest", "The slowest requests", {}};
  if (order.empty()) return out;
  Rows lives;
  page::Table table;
  table.caption = "the same as a table";
  table.folded = true;
  table.columns = {"request", "arrival", "prompt", "cached", "answer", "queue", "TTFT", "end to end", "preemptions"};
  for (const RequestRow* request : order) {
    const std::string label =
        fmt::format("{} ({} + {} tokens)", request->id, request->input_tokens, request->output_tokens);
    const double marks[] = {0, seconds(*request->queue_ps), seconds(*request->ttft_ps), seconds(*request->e2e_ps)};
    const char* parts[] = {"queue", "prefill", "decode"};
    for (int i = 0; i < 3; ++i) {
      lives.row().text("request", label).text("part", parts[i]).number("t0", marks[i]).number("t1", marks[i + 1]);
      lives.number("s", marks[i + 1] - marks[i]).integer("preemptions", request->preemptions);
    }
    table.rows.push_back({std::to_string(request->id), time_text(seconds(request->arrival_ps)),
                          std::to_string(request->input_tokens), std::to_string(request->cached_tokens),
                          std::to_string(request->output_tokens), time_text(marks[1]), time_text(marks[2]),
                          time_text(marks[3]), std::to_string(request->preemptions)});
  }
  Chart chart;
  chart.id = "slowest";
  chart.caption =
      "The life of each: waiting in the queue, until the first token, until the last. Where prefill is apart from "
      "decode, its part holds the transfer of the cache.";
  chart.spec =
      fmt::format("\"width\": \"container\", \"height\": {}, \"data\": {{\"name\": \"lives\"}},\n",
                  20 * order.size() + 10) +
      "\"mark\": {\"type\": \"bar\", \"tooltip\": {\"content\": \"data\"}},\n"
      "\"encoding\": {\"x\": {\"field\": \"t0\", \"type\": \"quantitative\", \"title\": \"seconds since arrival\"}, "
      "\"x2\": {\"field\": \"t1\"}, \"y\": {\"field\": \"request\", \"type\": \"nominal\", \"sort\": null, \"title\": "
      "null, \"axis\": {\"labelLimit\": 170}}, \"color\": {\"field\": \"part\", \"type\": \"nominal\", \"title\": "
      "null, "
      "\"scale\": {\"domain\": [\"queue\", \"prefill\", \"decode\"], \"range\": [\"#b9bcc4\", \"#4269d0\", "
      "\"#ff725c\"]}}}";
  chart.data.emplace_back("lives", std::move(lives));
  out.blocks.emplace_back(std::move(chart));
  out.blocks.emplace_back(std::move(table));
  return out;
}

}  // namespace memwall::tools::report
