#include "tools/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "sim/scenario/cost_report.hpp"
#include "sim/scenario/energy.hpp"
#include "sim/scenario/saturation.hpp"
#include "tools/page/chart.hpp"
#include "tools/terminal.hpp"

namespace memwall::tools {
namespace {

constexpr int bar_width = 40;

struct Share {
  std::string_view name;
  double share;
  std::string_view colour;
};

/// `Member` is Tier or Limit.
template <class Member, class Names, class Shares>
std::vector<Share> largest_first(const Names& names, const Shares& shares) {
  std::vector<Share> out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (shares[i] > 0) out.push_back({names[i], shares[i], page::colour(static_cast<Member>(i))});
  }
  std::stable_sort(out.begin(), out.end(), [](const Share& a, const Share& b) { return a.share > b.share; });
  return out;
}

void add_bars(std::string& text, std::string_view title, const std::vector<Share>& shares, bool colours) {
  text += fmt::format("\n{}\n", title);
  for (const Share& share : shares) {
    const auto filled = static_cast<std::size_t>(std::floor(share.share * bar_width + 0.5));
    const std::string bar(filled, '#');
    text += fmt::format("  {:<16}{:>6.1f} %  {}\n", share.name, share.share * 100,
                        colours && filled > 0 ? painted(bar, share.colour) : bar);
  }
}

void add_latency(std::string& text, std::string_view name, const Summary& s) {
  text += fmt::format("  {:<6}{:>11}{:>11}{:>11}{:>11}{:>11}\n", name, time_text(s.mean), time_text(s.p50),
                      time_text(s.p90), time_text(s.p99), time_text(s.max));
}

/// The arrival rate beside the estimate of what the replicas can serve.
std::string load_line(const Saturation& s) {
  if (s.pools.empty()) return "  load        unknown: no request completed";
  const std::string capacity = fmt::format("about {:.3g} requests/s", s.capacity_requests_per_s);
  if (!s.load) return fmt::format("  load        no arrival rate; capacity {}", capacity);
  return fmt::format("  load        {:.0f} % of capacity: {:.3g} requests/s of {}", *s.load * 100, *s.arrivals_per_s,
                     capacity);
}

/// Energy of an output token, and the power that devices drew for it.
std::string energy_line(const Outcome& outcome) {
  const EnergyReport report = energy_of(outcome);
  const std::int64_t output = outcome.results.tokens.output;
  if (!report.all.unknown.empty() || output == 0) return {};
  double mean = 0;
  double peak = 0;
  double devices = 0;
  for (std::size_t i = 0; i < report.pools.size(); ++i) {
    const auto count = static_cast<double>(outcome.built.pools[i].devices());
    mean += report.pools[i].mean_w * count;
    peak = std::max(peak, report.pools[i].peak_w);
    devices += count;
  }
  return fmt::format("\n  energy      {:.4g} J per output token; {:.0f} W per device on average, {:.0f} W at most ({})",
                     report.all.joules() / static_cast<double>(output), mean / devices, peak, name(report.all.basis));
}

}  // namespace

std::string summary_table(const LoadedScenario& loaded, const Outcome& outcome, bool colours) {
  const Results& r = outcome.results;
  std::string text = fmt::format("{}\n", loaded.scenario.name);
  for (const BuiltPool& pool : outcome.built.pools) {
    text += fmt::format("  {}: {} replicas of {} x {}, {}, {} weights, {} KV blocks of {} tokens each\n",
                        pool.spec.name, pool.spec.replicas, pool.devices_per_replica, pool.spec.device, pool.model.name,
                        name(pool.deployment.weights), pool.engine.scheduler.num_blocks - 1,
                        pool.engine.scheduler.block_size);
    if (pool.feed_forward) {
      text += fmt::format("    with the feed-forward parts on {} x {}, {} micro-batches\n",
                          pool.feed_forward->memory.devices, pool.spec.feed_forward->device,
                          pool.spec.feed_forward->micro_batches);
    }
  }
  text += fmt::format("\n  requests    {} arrived, {} completed, {} rejected\n", r.requests.arrived,
                      r.requests.of(Status::completed), r.requests.of(Status::rejected));
  for (std::size_t i = 0; i < outcome.notes.size(); ++i) {
    for (const auto& [reason, rows] : outcome.notes[i].dropped) {
      text += fmt::format("  dropped     {} rows of {}: {}\n", rows, loaded.scenario.workloads[i].name, reason);
    }
  }
  text += fmt::format("  time        {} simulated in {} cycles\n", time_text(r.duration.seconds()), outcome.cycles);
  text +=
      fmt::format("  throughput  {:.4g} requests/s, {:.5g} input tokens/s, {:.5g} output tokens/s, {:.4g} per device\n",
                  r.throughput.requests_per_s, r.throughput.input_tokens_per_s, r.throughput.output_tokens_per_s,
                  r.throughput.output_tokens_per_s_per_device);
  text += load_line(saturation(outcome));
  if (r.tokens.input > 0 && r.tokens.input_cached > 0) {
    text += fmt::format("; {:.1f} % of input tokens from the prefix cache",
                        100.0 * static_cast<double>(r.tokens.input_cached) / static_cast<double>(r.tokens.input));
  }
  if (const CostReport cost = cost_of(outcome); cost.known) {
    text += fmt::format("\n  cost        {:.2f} USD/h; {:.3f} USD per million input tokens, {:.3f} output",
                        cost.usd_per_hour(), cost.usd_per_mtok_input, cost.usd_per_mtok_output);
  }
  text += energy_line(outcome);
  text += fmt::format("\n\n  {:<6}{:>11}{:>11}{:>11}{:>11}{:>11}\n", "", "mean", "p50", "p90", "p99", "max");
  add_latency(text, "TTFT", r.latency.ttft);
  add_latency(text, "TPOT", r.latency.tpot);
  add_latency(text, "ITL", r.latency.itl);
  add_latency(text, "E2E", r.latency.e2e);
  add_latency(text, "queue", r.latency.queue);
  for (const Verdict& verdict : r.verdicts) {
    text += fmt::format("  SLO   {} p{:g} <= {}: {} ({})\n", name(verdict.bound.metric), verdict.bound.percentile,
                        time_text(verdict.bound.limit.seconds()), verdict.met ? "met" : "MISSED",
                        time_text(verdict.observed_s));
  }
  add_bars(text, "bottleneck (share of busy time whose cycles it limits)",
           largest_first<Tier>(tier_names, r.cycles.all.bottleneck_share.at), colours);
  add_bars(text, "time (critical seconds over all time)", largest_first<Tier>(tier_names, r.cycles.all.time_share.at),
           colours);
  add_bars(text, "limit (what kept the batch from growing)",
           largest_first<Limit>(limit_names, r.cycles.all.limit_share), colours);
  text += fmt::format("\ndigest {:016x}\n", r.digest);
  return text;
}

}  // namespace memwall::tools
