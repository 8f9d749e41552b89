#include "tools/compare/contender.hpp"

#include "sim/base/tier.hpp"
#include "tools/compare/paired.hpp"
#include "tools/results/simulated.hpp"

namespace memwall::tools::compare {
namespace {

std::optional<double> number(const SummaryView& run, std::string_view pointer) {
  const SummaryView::Value value = run.at(pointer);
  const auto* found = std::get_if<double>(&value);
  return found != nullptr ? std::optional(*found) : std::nullopt;
}

}  // namespace

const std::vector<Measure>& measures() {
  static const std::vector<Measure> all = {
      {"requests/s", "/throughput/requests_per_s", 1, true},
      {"output tokens/s", "/throughput/output_tokens_per_s", 1, true},
      {"output tokens/s/device", "/throughput/output_tokens_per_s_per_device", 1, true},
      {"TTFT p50, ms", "/latency/ttft_s/p50", 1e3, false},
      {"TTFT p95, ms", "/latency/ttft_s/p95", 1e3, false},
      {"TPOT p50, ms", "/latency/tpot_s/p50", 1e3, false},
      {"TPOT p95, ms", "/latency/tpot_s/p95", 1e3, false},
      {"E2E p95, s", "/latency/e2e_s/p95", 1, false},
      {"in time, %", "/goodput/attainment", 100, true},
      {"load, % of capacity", "/saturation/load_over_capacity", 100, false},
      {"USD/h", "/cost/usd_per_hour", 1, false},
      {"USD/M output tokens", "/cost/usd_per_mtok_output", 1, false},
      {"J/output token", "/energy/joules_per_output_token", 1, false},
  };
  return all;
}

std::optional<std::vector<double>> Contender::values(const Measure& measure) const {
  std::vector<double> out;
  for (const SummaryView& run : runs) {
    const auto value = number(run, measure.pointer);
    if (!value) return std::nullopt;
    out.push_back(*value * measure.scale);
  }
  if (out.empty()) return std::nullopt;
  return out;
}

double Contender::devices() const {
  double sum = 0;
  if (runs.empty()) return sum;
  const json::Node* pools = runs.front().root().find("pools");
  const std::size_t count = pools == nullptr ? 0 : pools->items.size();
  for (std::size_t i = 0; i < count; ++i) {
    sum += number(runs.front(), "/pools/" + std::to_string(i) + "/devices").value_or(0);
  }
  return sum;
}

std::vector<double> Contender::seconds_per_token() const {
  if (runs.empty()) return {};
  const double tokens = number(runs.front(), "/tokens/output").value_or(0);
  const double duration = number(runs.front(), "/duration_s").value_or(0);
  if (tokens <= 0) return {};
  std::vector<double> out;
  for (const std::string_view tier : tier_names) {
    const double share = number(runs.front(), "/cycles/time_share/" + std::string(tier)).value_or(0);
    out.push_back(share * duration * devices() / tokens);
  }
  return out;
}

std::optional<double> Contender::value(const Measure& measure) const {
  const auto found = values(measure);
  return found ? std::optional(mean(*found)) : std::nullopt;
}

Contender run_contender(const Sheet& sheet, const Catalogue& catalogue, std::int64_t replications) {
  Contender out;
  out.name = sheet.name;
  out.path = sheet.path;
  out.adapted = sheet.adapted;
  out.refusal = sheet.refusal;
  if (!out.refusal.empty()) return out;
  try {
    const std::uint64_t first = load_scenario(sheet, catalogue).scenario.seed;
    for (std::int64_t i = 0; i < replications; ++i) {
      RunOptions options;
      options.seed = first + static_cast<std::uint64_t>(i);
      out.runs.push_back(simulated(sheet.document, sheet.path, catalogue, options));
    }
  } catch (const InputError& error) {
    out.runs.clear();
    out.refusal = error.what();
  }
  return out;
}

std::vector<Contender> run_contenders(const std::vector<Sheet>& sheets, const Catalogue& catalogue,
                                      std::int64_t replications, const Parallel& parallel) {
  std::vector<Contender> out(sheets.size());
  parallel(sheets.size(), [&](std::size_t i) { out[i] = run_contender(sheets[i], catalogue, replications); });
  return out;
}

}  // namespace memwall::tools::compare
