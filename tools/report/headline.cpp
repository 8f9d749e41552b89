// What comes first on the page: the numbers that people ask for, with what they rest on.
#include <fmt/format.h>

#include <map>

#include "tools/report/facts.hpp"
#include "tools/report/sections.hpp"
#include "tools/results/time_text.hpp"

namespace memwall::tools::report {
namespace {

using page::Tiles;

class Headline {
 public:
  explicit Headline(const SummaryView& summary) : summary_(summary) {}

  /// Leaves out what the summary does not know.
  void tile(const std::string& label, const std::string& pointer, std::string (*text)(double),
            const std::string& note) {
    if (!has_number(summary_, pointer)) return;
    const double number = number_at(summary_, pointer);
    tiles_.tiles.push_back({label, text(number), note, pointer, number});
  }
  void latency(const std::string& label, const std::string& metric) {
    const std::string base = "/latency/" + metric + "_s/";
    std::string note = "median " + time_text(number_at(summary_, base + "p50"));
    tile(label + " p99", base + "p99", time_text, note + objective(metric));
  }
  void largest(const std::string& label, const std::string& pointer) {
    double most = 0;
    std::string_view who;
    for (const std::string_view tier : tier_names) {
      const double share = number_at(summary_, pointer + "/" + std::string(tier));
      if (share > most) most = share, who = tier;
    }
    if (most == 0) return;
    tiles_.tiles.push_back({label, fmt::format("{} {}", who, share_text(most)), "of busy time is limited by it",
                            pointer + "/" + std::string(who), most});
  }
  Tiles take() { return std::move(tiles_); }

 private:
  [[nodiscard]] std::string objective(const std::string& metric) const {
    std::string out;
    const json::Node* goodput = summary_.root().find("goodput");
    const json::Node* objectives = goodput != nullptr ? goodput->find("objectives") : nullptr;
    if (objectives == nullptr) return out;
    for (const json::Node& each : objectives->items) {
      if (member(each, "metric").text != metric) continue;
      out += fmt::format("; p{:g} objective {} {}", member(each, "percentile").number,
                         time_text(member(each, "limit_s").number), member(each, "met").boolean ? "met" : "MISSED");
    }
    return out;
  }

  const SummaryView& summary_;
  Tiles tiles_;
};

std::string count_text(double value) { return fmt::format("{:.0f}", value); }
std::string four_digits(double value) { return fmt::format("{:.4g}", value); }

std::string band_sentence(const SummaryView& summary) {
  const std::string regime = text_at(summary, "/confidence/regime");
  const double rows = number_at(summary, "/confidence/validated_rows");
  std::string band = "no error band can be given: no measured run of this kind was compared";
  if (has_number(summary, "/confidence/band")) {
    band = "the error band is " + share_text(number_at(summary, "/confidence/band"));
  }
  return fmt::format(
      "Confidence: regime \"{}\", {:.0f} measured rows behind it; {}. Of the numbers that the run rests on {:.0f} are "
      "measured, {:.0f} the vendor's, {:.0f} estimates and {:.0f} placeholders; the last section lists them.",
      regime, rows, band, number_at(summary, "/inputs/measured"), number_at(summary, "/inputs/vendor"),
      number_at(summary, "/inputs/estimate"), number_at(summary, "/inputs/placeholder"));
}

std::string based(const SummaryView& summary, const std::string& pointer) {
  const std::string basis = text_at(summary, pointer);
  return basis.empty() ? basis : "basis: " + basis;
}

}  // namespace

page::Section headline(const RunFacts& facts) {
  const SummaryView& summary = facts.summary;
  Headline out(summary);
  out.largest("bottleneck", "/cycles/bottleneck_share");
  out.latency("time to first token", "ttft");
  out.latency("time per output token", "tpot");
  out.latency("end to end", "e2e");
  out.tile("output tokens/s", "/throughput/output_tokens_per_s", four_digits,
           four_digits(number_at(summary, "/throughput/output_tokens_per_s_per_device")) + " per device");
  out.tile("requests completed", "/requests/completed", count_text,
           count_text(number_at(summary, "/requests/arrived")) + " arrived");
  out.tile("objectives attained", "/goodput/attainment", share_text, "share of requests within every objective");
  out.tile("load over capacity", "/saturation/load_over_capacity", share_text, "estimate");
  out.tile("USD per million output tokens", "/cost/usd_per_mtok_output", four_digits, based(summary, "/cost/basis"));
  out.tile("joules per output token", "/energy/joules_per_output_token", four_digits, based(summary, "/energy/basis"));
  return {"numbers", "Numbers", {out.take(), page::Paragraph{band_sentence(summary)}}};
}

page::Section grounds(const RunFacts& facts) {
  const json::Node* assumptions = facts.summary.root().find("assumptions");
  page::Table table;
  table.caption = "every number that the run rests on, the weakest ground first";
  table.columns = {"number", "value", "basis", "source"};
  table.text_columns = 4;
  table.folded = true;
  for (const char* basis : {"placeholder", "estimate", "vendor", "measured"}) {
    if (assumptions == nullptr) break;
    for (const json::Node& each : assumptions->items) {
      if (member(each, "basis").text != basis) continue;
      table.rows.push_back({member(each, "name").text, member(each, "value").text, basis, member(each, "source").text});
    }
  }
  page::Section out{"grounds", "What it rests on", {}};
  if (!table.rows.empty()) out.blocks.push_back(std::move(table));
  return out;
}

}  // namespace memwall::tools::report
