#include "tools/plan/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "tools/plan/advice.hpp"
#include "tools/results/time_text.hpp"

namespace memwall::tools::plan {
namespace {

/// A layout's line: of its candidates the one that tells most.
struct Line {
  std::string layout;
  std::int64_t replicas = 0;
  double usd_per_hour = 0;  ///< 0 where unknown
  const Rejection* rejection = nullptr;
};

/// Of an offer's candidates the fewest replicas that meet everything, else the most replicas that ran, else the most.
const Candidate* telling(const FleetPlan& plan, std::size_t offer) {
  const Candidate* ran = nullptr;
  const Candidate* dearer = nullptr;
  for (const Candidate& candidate : plan.candidates) {
    if (candidate.offer != offer) continue;
    if (candidate.trial && candidate.trial->passed()) return &candidate;
    if (candidate.trial || ran == nullptr || !ran->trial) ran = &candidate;
    if (candidate.rejection.reason == Reason::dearer && dearer == nullptr) dearer = &candidate;
  }
  // One that was not run because fewer replicas cost too much already says why the layout is not the plan.
  return dearer != nullptr && (ran == nullptr || !ran->trial) ? dearer : ran;
}

std::vector<Line> lines_of(const FleetPlan& plan) {
  std::vector<Line> priced;
  std::vector<Line> unbuilt;
  for (std::size_t i = 0; i < plan.offers.size(); ++i) {
    const Offer& offer = plan.offers[i];
    const std::string name = offer.layout.name(offer.found.devices);
    if (const Candidate* candidate = telling(plan, i)) {
      priced.push_back({name, candidate->replicas, candidate->usd_per_hour, &candidate->rejection});
    } else {
      unbuilt.push_back({name, 0, 0, &offer.found.rejection});
    }
  }
  std::stable_sort(priced.begin(), priced.end(), [](const Line& a, const Line& b) {
    const auto order = [](const Line& line) {
      return std::pair(line.rejection->reason != Reason::none, line.usd_per_hour);
    };
    return order(a) < order(b);
  });
  priced.insert(priced.end(), unbuilt.begin(), unbuilt.end());
  return priced;
}

std::string counts_text(const FleetPlan& plan) {
  std::map<Reason, std::size_t> counts;
  for (const Candidate& candidate : plan.candidates) ++counts[candidate.rejection.reason];
  std::string out;
  for (const auto& [reason, count] : counts) {
    if (reason == Reason::none) continue;
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", name(reason), count);
  }
  return out;
}

std::string lines_text(const FleetPlan& plan, std::size_t top) {
  const std::vector<Line> lines = lines_of(plan);
  std::size_t width = 6;
  for (const Line& line : lines) width = std::max(width, line.layout.size());
  std::string out =
      fmt::format("\n  {:<{}}  {:>8}  {:>8}  why not, and the nearest change\n", "layout", width, "replicas", "USD/h");
  const std::size_t shown = top == 0 ? lines.size() : std::min(top, lines.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const Line& line = lines[i];
    const std::string replicas = line.replicas > 0 ? std::to_string(line.replicas) : "-";
    const std::string usd = line.usd_per_hour > 0 ? fmt::format("{:.2f}", line.usd_per_hour) : "-";
    const bool best = line.rejection->reason == Reason::none;
    out += fmt::format("{} {:<{}}  {:>8}  {:>8}  {}{}{}\n", best ? '*' : ' ', line.layout, width, replicas, usd,
                       best ? "the plan" : fmt::format("{}: {}", name(line.rejection->reason), line.rejection->text),
                       line.rejection->change.empty() ? "" : "; ", line.rejection->change);
  }
  if (shown < lines.size()) out += fmt::format("  and {} more layouts (--top 0 lists all)\n", lines.size() - shown);
  return out;
}

/// A plan on machines that nobody has measured must say so.
std::string inputs_text(const Trial& trial) {
  std::string out;
  for (std::size_t i = 0; i < trial.inputs.size(); ++i) {
    out += fmt::format("{}{} {}", i == 0 ? "" : ", ", trial.inputs[i], basis_names[i]);
  }
  return out + " numbers (memwall explain lists them)";
}

std::string no_plan_text(const FleetPlan& plan) {
  std::string out = "no fleet that was tried meets everything\n";
  if (const auto limit = speed_of_light(plan)) {
    const Offer& offer = plan.offers[limit->offer];
    return out + fmt::format("  no device can, at any load: the quickest is {}, where {}\n",
                             offer.layout.name(offer.found.devices), limit->rejection.text);
  }
  if (const auto nearest = nearest_miss(plan)) {
    const Candidate& candidate = plan.candidates[*nearest];
    out += fmt::format("  nearest: {}, {:.2f} USD/h: {}\n", fleet_name(plan, candidate), candidate.usd_per_hour,
                       candidate.rejection.text);
    if (!candidate.rejection.change.empty()) out += "  what might help: " + candidate.rejection.change + "\n";
  } else if (!plan.candidates.empty()) {
    const Candidate& last = plan.candidates.back();
    out += fmt::format("  nothing was worth a run; {}: {}; {}\n", fleet_name(plan, last), last.rejection.text,
                       last.rejection.change);
  }
  return out;
}

}  // namespace

std::string fleet_name(const FleetPlan& plan, const Candidate& candidate) {
  const Offer& offer = plan.offers[candidate.offer];
  return fmt::format("{} {} of {}", candidate.replicas, candidate.replicas == 1 ? "replica" : "replicas",
                     offer.layout.name(offer.found.devices));
}

std::string trial_text(const Trial& trial) {
  std::string out;
  for (const Verdict& verdict : trial.verdicts) {
    const double limit = verdict.bound.limit.seconds();
    out += fmt::format("  {:<12}{} of {}, {:.0f} % {}\n", bound_name(verdict.bound), time_text(verdict.observed_s),
                       time_text(limit), 100 * std::abs(1 - verdict.observed_s / limit),
                       verdict.met ? "below" : "above: missed");
  }
  if (trial.load) out += fmt::format("  load        {:.0f} % of capacity\n", 100 * *trial.load);
  out += fmt::format("  bottleneck  {} in {:.0f} % of busy time, then {}; batches were kept from growing by {}\n",
                     name(trial.bottleneck), 100 * trial.bottleneck_share, name(trial.runner_up), name(trial.limit));
  out += fmt::format("  serves      {:.4g} requests/s, {:.4g} output tokens/s", trial.requests_per_s,
                     trial.output_tokens_per_s);
  if (trial.arrivals_s > 0) out += fmt::format(", arrivals last {}", time_text(trial.arrivals_s));
  if (trial.usd_per_mtok_output > 0) out += fmt::format(" at {:.3f} USD/M tokens generated", trial.usd_per_mtok_output);
  return out + "\n";
}

std::string goodput_text(const HighestRate& found, const std::string& fleet) {
  if (!found.at) {
    return fmt::format("{}: no rate passes; at {:.4g} times the traffic: {}\n", fleet, found.above_factor,
                       found.above->rejection.text);
  }
  std::string out = fmt::format("{}: up to {:.4g} requests/s, {:.3g} times the traffic ({} runs)\n", fleet,
                                found.requests_per_s, found.factor, found.runs);
  out += trial_text(*found.at);
  return out + fmt::format("  beyond      {}\n", found.above->rejection.text);
}

std::string plan_text(const FleetPlan& plan, const Traffic& traffic, const std::optional<HighestRate>& reach,
                      std::size_t top) {
  std::string out;
  if (plan.best) {
    const Candidate& best = plan.candidates[*plan.best];
    const Offer& offer = plan.offers[best.offer];
    out += fmt::format("{}, {} devices, {:.2f} USD/h\n", fleet_name(plan, best), best.devices, best.usd_per_hour);
    if (!offer.layout.links.empty()) out += "  links       " + offer.layout.links + "\n";
    out += trial_text(*best.trial);
    out += "  rests on    " + inputs_text(*best.trial) + "\n";
    if (reach && reach->at) {
      out += fmt::format("  headroom    holds up to {:.4g} requests/s, {:.3g} times the traffic; then: {}\n",
                         reach->requests_per_s, reach->factor / plan.rate_factor, reach->above->rejection.text);
    }
  } else {
    out += no_plan_text(plan);
  }
  const auto built =
      std::count_if(plan.offers.begin(), plan.offers.end(), [](const Offer& offer) { return offer.found.fits(); });
  const std::string others = counts_text(plan);
  out += fmt::format("\n{} candidates of {} layouts ({} pass the bounds), {} simulated{}{}\n", plan.candidates.size(),
                     plan.offers.size(), built, plan.runs, others.empty() ? "" : "; not the plan: ", others);
  if (traffic.requests_per_s) {
    out += fmt::format("traffic: {} requests, {:.4g} requests/s, on average {:.0f} tokens in and {:.0f} out\n",
                       traffic.requests, *traffic.requests_per_s * plan.rate_factor, traffic.mean.input,
                       traffic.mean.output);
  }
  return out + lines_text(plan, top);
}

std::string growth_heading() {
  return fmt::format("  {:>8}  {:>10}  {:>9}  {:>8}  {:>12}  plan\n", "traffic", "requests/s", "USD/h", "load",
                     "USD/M tokens");
}

std::string growth_row(const FleetPlan& plan, const Traffic& traffic, double factor) {
  const double rate = traffic.requests_per_s.value_or(0) * plan.rate_factor;
  if (!plan.best)
    return fmt::format("  {:>8.4g}  {:>10.4g}  {:>9}  {:>8}  {:>12}  none\n", factor, rate, "-", "-", "-");
  const Candidate& best = plan.candidates[*plan.best];
  return fmt::format("  {:>8.4g}  {:>10.4g}  {:>9.2f}  {:>6.0f} %  {:>12.3f}  {}\n", factor, rate, best.usd_per_hour,
                     100 * best.trial->load.value_or(0), best.trial->usd_per_mtok_output, fleet_name(plan, best));
}

}  // namespace memwall::tools::plan
