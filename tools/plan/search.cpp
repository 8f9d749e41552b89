#include "tools/plan/search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

#include "sim/base/error.hpp"
#include "tools/plan/advice.hpp"

namespace memwall::tools::plan {
namespace {

/// Options that are searched side by side before what they found bounds the next ones. A constant, so that the number
/// of threads changes nothing.
constexpr std::size_t wave = 8;

/// What orders plans that pass.
using Cost = std::tuple<double, std::int64_t, std::size_t>;
constexpr Cost nothing_yet = {std::numeric_limits<double>::infinity(), 0, 0};

class OfferSearch {
 public:
  OfferSearch(const Base& base, const Offer& offer, std::size_t number, const Traffic& traffic,
              const SearchOptions& wanted)
      : base_(&base), offer_(&offer), number_(number), wanted_(&wanted) {
    const Feasible& found = offer.found;
    least_ = found.least_replicas(traffic, wanted.rate_factor) + wanted.spares;
    most_ = wanted.max_devices / found.devices;
    if (wanted.most_usd_per_hour) limit_by(*wanted.most_usd_per_hour, found.usd_at_most);
    if (wanted.most_watts && found.watts) limit_by(*wanted.most_watts, *found.watts);
  }

  /// Cost of so many replicas at least: what they draw comes on top.
  [[nodiscard]] double floor_usd(std::int64_t replicas) const {
    return offer_->found.usd_per_hour * static_cast<double>(replicas);
  }
  [[nodiscard]] std::int64_t least() const { return least_; }
  [[nodiscard]] std::int64_t most() const { return most_; }
  [[nodiscard]] std::size_t number() const { return number_; }
  [[nodiscard]] const std::map<std::int64_t, Trial>& trials() const { return trials_; }
  [[nodiscard]] std::optional<std::int64_t> fewest() const { return fewest_; }

  [[nodiscard]] double usd(std::int64_t replicas) const {
    const auto at = trials_.find(replicas);
    return floor_usd(replicas) + (at == trials_.end() ? 0 : at->second.energy_usd_per_hour);
  }

  /// Finds the fewest replicas that pass among those that cost no more than `bound`.
  void bisect(double bound) {
    std::int64_t high = most_;
    while (high >= least_ && floor_usd(high) > bound) --high;
    if (least_ > high) return;
    const bool bounded = high < most_;
    if (bounded && high > least_ && !passes(high)) return;
    std::int64_t failed = least_ - 1;
    std::int64_t next = least_;
    for (std::int64_t step = 1; !passes(next); step *= 2) {
      if (next == high) return;
      failed = next;
      next = std::min(high, next + step);
    }
    while (next - failed > 1) {
      const std::int64_t middle = failed + (next - failed) / 2;
      (passes(middle) ? next : failed) = middle;
    }
    fewest_ = next;
  }

  void run_all() {
    for (std::int64_t replicas = 1 + wanted_->spares; replicas <= most_; ++replicas) {
      if (passes(replicas) && !fewest_) fewest_ = replicas;
    }
  }

 private:
  void limit_by(double most, double each) {
    if (each > 0) most_ = std::min(most_, static_cast<std::int64_t>(most / each));
  }

  bool passes(std::int64_t replicas) {
    const auto at = trials_.find(replicas);
    if (at != trials_.end()) return at->second.passed();
    const Fleet fleet{&offer_->layout, replicas - wanted_->spares, wanted_->rate_factor};
    return trials_.emplace(replicas, try_fleet(*base_, fleet, wanted_->demands)).first->second.passed();
  }

  const Base* base_;
  const Offer* offer_;
  std::size_t number_;
  const SearchOptions* wanted_;
  std::int64_t least_ = 1;  ///< replicas; fewer are loaded more than fully
  std::int64_t most_ = 0;   ///< replicas within the limits of devices, money and power
  std::map<std::int64_t, Trial> trials_;
  std::optional<std::int64_t> fewest_;
};

class Search {
 public:
  Search(const Base& base, std::vector<Offer> offers, const Traffic& traffic, const SearchOptions& wanted,
         const Parallel& parallel)
      : base_(base), traffic_(traffic), wanted_(wanted), parallel_(parallel) {
    plan_.offers = std::move(offers);
    plan_.rate_factor = wanted.rate_factor;
  }

  FleetPlan run() {
    for (std::size_t i = 0; i < plan_.offers.size(); ++i) {
      Offer& offer = plan_.offers[i];
      if (offer.found.fits()) offer.found.rejection = bounded_away(offer.found);
      if (offer.found.fits()) searches_.emplace_back(base_, offer, i, traffic_, wanted_);
    }
    // By the cost of the fewest replicas that could do, then in the order in which offers were given.
    std::stable_sort(searches_.begin(), searches_.end(), [](const OfferSearch& a, const OfferSearch& b) {
      return a.floor_usd(a.least()) < b.floor_usd(b.least());
    });
    for (std::size_t from = 0; from < searches_.size(); from += wave) search_wave(from);
    list_candidates();
    advise(plan_, traffic_, wanted_);
    return std::move(plan_);
  }

 private:
  Rejection bounded_away(const Feasible& found) const {
    const std::int64_t fewest = (1 + wanted_.spares) * found.devices;
    if (fewest > wanted_.max_devices) {
      return {Reason::devices,
              fmt::format("the smallest fleet has {} devices, at most {} are allowed", fewest, wanted_.max_devices),
              fmt::format("--max-devices {}", fewest)};
    }
    return wanted_.exhaustive ? Rejection{} : unreachable(base_, found, traffic_);
  }

  void search_wave(std::size_t from) {
    const double bound = std::get<0>(best_);
    parallel_(std::min(wave, searches_.size() - from), [&](std::size_t i) {
      wanted_.exhaustive ? searches_[from + i].run_all() : searches_[from + i].bisect(bound);
    });
    for (std::size_t i = from; i < std::min(from + wave, searches_.size()); ++i) take_best(searches_[i]);
  }

  void take_best(const OfferSearch& searched) {
    for (const auto& [replicas, trial] : searched.trials()) {
      ++plan_.runs;
      if (!trial.passed()) continue;
      const std::int64_t devices = plan_.offers[searched.number()].found.devices * replicas;
      const Cost cost = {searched.usd(replicas), devices, searched.number()};
      if (cost < best_) {
        best_ = cost;
        best_replicas_ = replicas;
      }
    }
  }

  void list_candidates() {
    std::stable_sort(searches_.begin(), searches_.end(),
                     [](const OfferSearch& a, const OfferSearch& b) { return a.number() < b.number(); });
    for (const OfferSearch& searched : searches_) {
      const Feasible& found = plan_.offers[searched.number()].found;
      for (std::int64_t replicas = 1 + wanted_.spares; replicas <= wanted_.max_devices / found.devices; ++replicas) {
        Candidate candidate;
        candidate.offer = searched.number();
        candidate.replicas = replicas;
        candidate.devices = found.devices * replicas;
        candidate.usd_per_hour = searched.usd(replicas);
        const auto at = searched.trials().find(replicas);
        if (at != searched.trials().end()) candidate.trial = at->second;
        candidate.rejection = rejection_of(searched, candidate);
        if (candidate.rejection.reason == Reason::none) plan_.best = plan_.candidates.size();
        plan_.candidates.push_back(std::move(candidate));
      }
    }
  }

  Rejection rejection_of(const OfferSearch& searched, const Candidate& candidate) const {
    const bool is_best =
        best_ != nothing_yet && std::get<2>(best_) == candidate.offer && best_replicas_ == candidate.replicas;
    if (is_best) return {};
    if (candidate.trial && !candidate.trial->passed()) return candidate.trial->rejection;
    const auto dearer = [&] {
      return Rejection{
          Reason::dearer,
          fmt::format("{} {:.2f} USD/h, the plan {:.2f}", candidate.trial ? "meets everything at" : "costs at least",
                      candidate.usd_per_hour, std::get<0>(best_)),
          ""};
    };
    if (candidate.trial) return dearer();
    const Feasible& found = plan_.offers[candidate.offer].found;
    if (candidate.replicas < searched.least()) {
      const double load = *traffic_.requests_per_s * wanted_.rate_factor / found.capacity->requests_per_s /
                          static_cast<double>(candidate.replicas - wanted_.spares);
      return {Reason::throughput, fmt::format("load {:.2f} of capacity, by estimate", load), ""};
    }
    if (candidate.replicas > searched.most()) return over_limit(candidate, found);
    for (auto more = searched.trials().upper_bound(candidate.replicas); more != searched.trials().end(); ++more) {
      if (more->second.passed()) continue;
      Rejection out = more->second.rejection;
      out.text = fmt::format("{} replicas miss already: {}", more->first, out.text);
      return out;
    }
    return dearer();
  }

  Rejection over_limit(const Candidate& candidate, const Feasible& found) const {
    const double most_usd = found.usd_at_most * static_cast<double>(candidate.replicas);
    if (wanted_.most_usd_per_hour && most_usd > *wanted_.most_usd_per_hour) {
      return {Reason::budget, fmt::format("{:.2f} USD/h, there are {:.2f}", most_usd, *wanted_.most_usd_per_hour), ""};
    }
    return {Reason::power,
            fmt::format("may draw {:.1f} kW, there are {:.1f}",
                        found.watts.value_or(0) * static_cast<double>(candidate.replicas) / 1e3,
                        wanted_.most_watts.value_or(0) / 1e3),
            ""};
  }

  const Base& base_;
  const Traffic& traffic_;
  const SearchOptions& wanted_;
  const Parallel& parallel_;
  FleetPlan plan_;
  std::vector<OfferSearch> searches_;
  Cost best_ = nothing_yet;
  std::int64_t best_replicas_ = 0;
};

}  // namespace

std::vector<Offer> offers_of(const Base& base, std::vector<Layout> layouts, const Traffic& traffic,
                             const Parallel& parallel) {
  std::vector<Offer> out;
  for (Layout& layout : layouts) out.push_back({std::move(layout), {}});
  parallel(out.size(), [&](std::size_t i) { out[i].found = feasible(base, out[i].layout, traffic); });
  return out;
}

FleetPlan search(const Base& base, std::vector<Offer> offers, const Traffic& traffic, const SearchOptions& wanted,
                 const Parallel& parallel) {
  return Search(base, std::move(offers), traffic, wanted, parallel).run();
}

}  // namespace memwall::tools::plan
