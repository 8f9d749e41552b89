#include "tools/plan/pools.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <tuple>

#include "sim/base/error.hpp"
#include "tools/plan/report.hpp"
#include "tools/plan/traffic.hpp"

namespace memwall::tools::plan {
namespace {

/// Combinations that are searched side by side before what they found bounds the next ones.
constexpr std::size_t wave = 8;

std::vector<PoolFacts> facts_of(const Base& base) {
  constexpr double hour = 3600;
  std::vector<PoolFacts> out;
  std::vector<Fault> faults;
  const Built built = build(base.loaded.scenario, *base.catalogue, base.loaded.build);
  for (const BuiltPool& pool : built.pools) {
    PoolFacts facts;
    facts.name = pool.spec.name;
    facts.device = pool.spec.device;
    facts.devices = pool.devices() / pool.spec.replicas;
    std::optional<DollarsPerSecond> price;
    if (pool.price) price = pool.price->capital;
    if (!price) {
      Fault fault;
      fault.message = "pool \"" + facts.name + "\": neither the scenario nor the file of " + facts.device +
                      " has a price; \"cost\" of the pool says it";
      faults.push_back(std::move(fault));
    } else {
      facts.usd_per_hour = price->value * hour * static_cast<double>(pool.devices_per_replica);
      if (pool.feed_forward) {
        const auto second = device_price({}, pool.feed_forward->device->info(), facts.name);
        const auto devices = static_cast<double>(pool.feed_forward->memory.devices);
        facts.usd_per_hour += second ? second->capital.value * hour * devices : 0;
      }
    }
    out.push_back(std::move(facts));
  }
  if (!faults.empty()) throw InputError(std::move(faults));
  return out;
}

class PoolsSearch {
 public:
  PoolsSearch(const Base& base, const SearchOptions& wanted, const Parallel& parallel)
      : base_(base), wanted_(wanted), parallel_(parallel) {
    plan_.pools = facts_of(base);
  }

  PoolsPlan run() {
    std::vector<Counts> outer = combinations();
    std::stable_sort(outer.begin(), outer.end(),
                     [this](const Counts& a, const Counts& b) { return floor_usd(a) < floor_usd(b); });
    for (std::size_t from = 0; from < outer.size(); from += wave) search_wave(outer, from);
    if (plan_.best) run_less();
    return std::move(plan_);
  }

 private:
  using Trials = std::map<Counts, Trial>;

  /// Every number of replicas of all pools but the last that leaves room for one of that.
  std::vector<Counts> combinations() {
    std::vector<Counts> out = {{}};
    for (std::size_t i = 0; i + 1 < plan_.pools.size(); ++i) {
      std::vector<Counts> longer;
      for (const Counts& counts : out) {
        Counts next = counts;
        next.push_back(1);
        for (; room(next) > 0; ++next.back()) longer.push_back(next);
      }
      out = std::move(longer);
    }
    for (const Counts& counts : out) plan_.candidates += static_cast<std::size_t>(room(counts));
    return out;
  }

  /// Replicas of the last pool that the devices allowed hold beside these, with one of each pool between.
  std::int64_t room(const Counts& counts) const {
    std::int64_t left = wanted_.max_devices;
    for (std::size_t i = 0; i < plan_.pools.size(); ++i) {
      if (i < counts.size()) left -= counts[i] * plan_.pools[i].devices;
      if (i >= counts.size() && i + 1 < plan_.pools.size()) left -= plan_.pools[i].devices;
    }
    return left < 0 ? 0 : left / plan_.pools.back().devices;
  }

  double floor_usd(const Counts& counts) const {
    double usd = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      usd += plan_.pools[i].usd_per_hour * static_cast<double>(counts[i]);
    }
    return usd;
  }

  Trial run_counts(const Counts& counts) const {
    RunOptions options;
    options.set = pools_edits(base_, counts, wanted_.rate_factor);
    return try_scenario(base_, load_scenario(base_.path, *base_.catalogue, options), wanted_.demands);
  }

  void search_wave(const std::vector<Counts>& outer, std::size_t from) {
    const double bound = std::get<0>(best_);
    std::vector<Trials> found(std::min(wave, outer.size() - from));
    parallel_(found.size(), [&](std::size_t i) {
      wanted_.exhaustive ? run_all(outer[from + i], found[i]) : bisect(outer[from + i], bound, found[i]);
    });
    for (Trials& trials : found) plan_.trials.merge(trials);
    for (const auto& [counts, trial] : plan_.trials) {
      if (!trial.passed()) continue;
      const Cost cost = {plan_.usd_per_hour(counts), plan_.devices(counts), counts};
      if (plan_.best && !(cost < best_)) continue;
      best_ = cost;
      plan_.best = counts;
    }
  }

  void run_all(const Counts& outer, Trials& trials) const {
    for (std::int64_t last = 1; last <= room(outer); ++last) {
      Counts counts = outer;
      counts.push_back(last);
      trials.emplace(counts, run_counts(counts));
    }
  }

  void bisect(const Counts& outer, double bound, Trials& trials) const {
    const auto passes = [&](std::int64_t last) {
      Counts counts = outer;
      counts.push_back(last);
      const auto at = trials.find(counts);
      return (at != trials.end() ? at->second : trials.emplace(counts, run_counts(counts)).first->second).passed();
    };
    std::int64_t high = room(outer);
    const double each = plan_.pools.back().usd_per_hour;
    while (high >= 1 && floor_usd(outer) + each * static_cast<double>(high) > bound) --high;
    if (high < 1 || !passes(high)) return;
    std::int64_t failed = 0;
    while (high - failed > 1) {
      const std::int64_t middle = failed + (high - failed) / 2;
      (passes(middle) ? high : failed) = middle;
    }
  }

  void run_less() {
    for (std::size_t i = 0; i < plan_.pools.size(); ++i) {
      Counts counts = *plan_.best;
      if (--counts[i] < 1) continue;
      const auto at = plan_.trials.find(counts);
      plan_.less.emplace(i, at != plan_.trials.end() ? at->second : run_counts(counts));
    }
  }

  using Cost = std::tuple<double, std::int64_t, Counts>;
  const Base& base_;
  const SearchOptions& wanted_;
  const Parallel& parallel_;
  PoolsPlan plan_;
  Cost best_ = {std::numeric_limits<double>::infinity(), 0, {}};
};

std::string counts_text(const PoolsPlan& plan, const Counts& counts) {
  std::string out;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    out += fmt::format("{}{} {}", i == 0 ? "" : " + ", counts[i], plan.pools[i].name);
  }
  return out;
}

}  // namespace

std::int64_t PoolsPlan::devices(const Counts& counts) const {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) sum += counts[i] * pools[i].devices;
  return sum;
}

double PoolsPlan::usd_per_hour(const Counts& counts) const {
  double sum = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) sum += static_cast<double>(counts[i]) * pools[i].usd_per_hour;
  const auto at = trials.find(counts);
  return sum + (at == trials.end() ? 0 : at->second.energy_usd_per_hour);
}

PoolsPlan search_pools(const Base& base, const SearchOptions& wanted, const Parallel& parallel) {
  return PoolsSearch(base, wanted, parallel).run();
}

std::vector<std::string> pools_edits(const Base& base, const Counts& counts, double rate_factor) {
  std::vector<std::string> edits = base.edits;
  for (std::string& edit : rate_edits(base.loaded.document.tree().root, rate_factor)) edits.push_back(std::move(edit));
  for (std::size_t i = 0; i < counts.size(); ++i) edits.push_back(fmt::format("/pools/{}/replicas={}", i, counts[i]));
  return edits;
}

std::string pools_text(const PoolsPlan& plan, std::size_t top) {
  std::string out;
  if (plan.best) {
    const Trial& trial = plan.trials.at(*plan.best);
    out += fmt::format("{}, {} devices, {:.2f} USD/h\n{}", counts_text(plan, *plan.best), plan.devices(*plan.best),
                       plan.usd_per_hour(*plan.best), trial_text(trial));
    for (const auto& [pool, less] : plan.less) {
      out += fmt::format("  one {} less: {}\n", plan.pools[pool].name,
                         less.passed() ? "meets everything too" : less.rejection.text);
    }
  } else {
    out += "no numbers of replicas that were tried meet everything\n";
  }
  std::vector<const std::pair<const Counts, Trial>*> rows;
  for (const auto& row : plan.trials) rows.push_back(&row);
  std::stable_sort(rows.begin(), rows.end(), [&plan](const auto* a, const auto* b) {
    return plan.usd_per_hour(a->first) < plan.usd_per_hour(b->first);
  });
  out += fmt::format("\n{} candidates, {} simulated\n", plan.candidates, rows.size());
  const std::size_t shown = top == 0 ? rows.size() : std::min(top, rows.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& [counts, trial] = *rows[i];
    const bool best = plan.best == counts;
    out += fmt::format("{} {:<32}  {:>9.2f} USD/h  {}\n", best ? '*' : ' ', counts_text(plan, counts),
                       plan.usd_per_hour(counts),
                       best             ? "the plan"
                       : trial.passed() ? "dearer"
                                        : trial.rejection.text);
  }
  if (shown < rows.size()) out += fmt::format("  and {} more (--top 0 lists all)\n", rows.size() - shown);
  return out;
}

std::string pools_csv(const PoolsPlan& plan) {
  std::string out;
  for (const PoolFacts& pool : plan.pools) out += pool.name + ",";
  out += "devices,usd_per_hour,met,reason\n";
  for (const auto& [counts, trial] : plan.trials) {
    for (const std::int64_t count : counts) out += std::to_string(count) + ",";
    out += fmt::format("{},{},{},{}\n", plan.devices(counts), plan.usd_per_hour(counts), trial.passed() ? 1 : 0,
                       trial.passed() ? "" : name(trial.rejection.reason));
  }
  return out;
}

}  // namespace memwall::tools::plan
