#include "tools/plan/advice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace memwall::tools::plan {
namespace {

/// Fewest replicas of each offer that passed a run.
std::map<std::size_t, std::int64_t> fewest_passing(const FleetPlan& plan) {
  std::map<std::size_t, std::int64_t> out;
  for (const Candidate& candidate : plan.candidates) {
    if (candidate.trial && candidate.trial->passed()) out.try_emplace(candidate.offer, candidate.replicas);
  }
  return out;
}

/// The offer of the same device and engine with the fewest further devices a replica that can be built.
const Offer* larger(const FleetPlan& plan, const Offer& offer) {
  const Offer* best = nullptr;
  for (const Offer& other : plan.offers) {
    const bool same = other.layout.device == offer.layout.device &&
                      other.layout.engine.max_num_seqs == offer.layout.engine.max_num_seqs &&
                      other.layout.engine.max_num_batched_tokens == offer.layout.engine.max_num_batched_tokens;
    if (!same || !other.found.fits() || other.found.devices <= offer.layout.devices.value_or(1)) continue;
    if (best == nullptr || other.found.devices < best->found.devices) best = &other;
  }
  return best;
}

void advise_offer(const FleetPlan& plan, Offer& offer) {
  Rejection& rejection = offer.found.rejection;
  const bool by_size = rejection.reason == Reason::memory || rejection.reason == Reason::tpot ||
                       rejection.reason == Reason::ttft || rejection.reason == Reason::e2e;
  if (!by_size) return;
  if (const Offer* other = larger(plan, offer)) {
    rejection.change = fmt::format("{} devices a replica instead of {}", other->found.devices,
                                   offer.found.devices > 0 ? offer.found.devices : offer.layout.devices.value_or(1));
  } else if (rejection.reason == Reason::memory) {
    rejection.change = "narrower weights or a smaller max_model_len";
  } else {
    rejection.change = "no number of its devices that was tried is quicker than the SLO";
  }
}

void advise_candidate(const FleetPlan& plan, const std::map<std::size_t, std::int64_t>& fewest, const Traffic& traffic,
                      const SearchOptions& wanted, Candidate& candidate) {
  Rejection& rejection = candidate.rejection;
  if (rejection.reason == Reason::none || !rejection.change.empty()) return;
  if (rejection.reason == Reason::dearer && !plan.best) return;
  const Offer& offer = plan.offers[candidate.offer];
  if (rejection.reason == Reason::dearer) {
    const double plan_usd = plan.candidates[*plan.best].usd_per_hour;
    rejection.change = fmt::format("at {:.2f} USD/h a device{}", plan_usd / static_cast<double>(candidate.devices),
                                   candidate.trial ? " it would cost the same" : " it could cost the same");
    return;
  }
  const auto passing = fewest.find(candidate.offer);
  if (passing != fewest.end() && passing->second > candidate.replicas) {
    rejection.change = fmt::format("{} more replicas", passing->second - candidate.replicas);
    return;
  }
  if (candidate.trial && candidate.trial->load.value_or(0) > 1) {
    const auto serving = static_cast<double>(candidate.replicas - wanted.spares);
    const double needed = std::ceil(serving * *candidate.trial->load);
    rejection.change = fmt::format("about {:.0f} more replicas", needed - serving);
    return;
  }
  const std::int64_t least = offer.found.least_replicas(traffic, wanted.rate_factor) + wanted.spares;
  if (candidate.replicas < least) {
    rejection.change = fmt::format("{} more replicas, by estimate", least - candidate.replicas);
  } else if (const Offer* other = larger(plan, offer)) {
    rejection.change = fmt::format("{} devices a replica instead of {}", other->found.devices, offer.found.devices);
  } else {
    rejection.change = fmt::format("none within {} devices", wanted.max_devices);
  }
}

double miss_ratio(const Trial& trial) {
  double ratio = trial.load ? *trial.load : 0;
  if (const Verdict* verdict = tightest(trial.verdicts)) {
    ratio = std::max(ratio, verdict->observed_s / verdict->bound.limit.seconds());
  }
  return ratio;
}

}  // namespace

void advise(FleetPlan& plan, const Traffic& traffic, const SearchOptions& wanted) {
  for (Offer& offer : plan.offers) advise_offer(plan, offer);
  const auto fewest = fewest_passing(plan);
  for (Candidate& candidate : plan.candidates) advise_candidate(plan, fewest, traffic, wanted, candidate);
}

std::optional<std::size_t> nearest_miss(const FleetPlan& plan) {
  std::optional<std::size_t> nearest;
  for (std::size_t i = 0; i < plan.candidates.size(); ++i) {
    const Candidate& candidate = plan.candidates[i];
    if (!candidate.trial || candidate.trial->passed()) continue;
    if (!nearest || miss_ratio(*candidate.trial) < miss_ratio(*plan.candidates[*nearest].trial)) nearest = i;
  }
  return nearest;
}

std::optional<Unreachable> speed_of_light(const FleetPlan& plan) {
  std::optional<Unreachable> nearest;
  for (std::size_t i = 0; i < plan.offers.size(); ++i) {
    const Feasible& found = plan.offers[i].found;
    if (found.fits()) return std::nullopt;
    const Reason reason = found.rejection.reason;
    if (reason != Reason::tpot && reason != Reason::ttft && reason != Reason::e2e) continue;
    const auto least = [reason](const Feasible& f) {
      return reason == Reason::tpot ? f.least_tpot_s : f.least_prompt_s;
    };
    if (!nearest || least(found) < least(plan.offers[nearest->offer].found)) nearest = {i, found.rejection};
  }
  return nearest;
}

}  // namespace memwall::tools::plan
