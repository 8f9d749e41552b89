#include "sim/scenario/energy.hpp"

#include <algorithm>

namespace memwall {
namespace {

/// The weakest basis of the energies that the pool's work touched.
Basis weakest(const EnergyFacts& facts, const TierArray<double>& work) {
  Basis basis = facts.running->basis;
  if (facts.idle) basis = std::max(basis, facts.idle->basis);
  for (std::size_t i = 0; i < tier_count; ++i) {
    if (facts.per_byte.at[i] && work.at[i] > 0) basis = std::max(basis, facts.per_byte.at[i]->basis);
  }
  if (work[Tier::compute] <= 0) return basis;
  for (const auto& format : facts.per_flop) {
    if (format) basis = std::max(basis, format->basis);
  }
  return basis;
}

}  // namespace

PoolEnergy pool_energy(const BuiltPool& pool, const PoolResults& results) {
  PoolEnergy out;
  const DeviceInfo& info = pool.device->info();
  const EnergyFacts& facts = info.energy;
  const auto each = static_cast<double>(pool.devices_per_replica);
  const double seconds = (results.cycles.all.busy_s + results.cycles.idle_s) * each;
  if (pool.power_cap || info.power) out.most_j = (pool.power_cap ? *pool.power_cap : info.power->value).value * seconds;
  if (pool.feed_forward) {
    const auto& second = pool.feed_forward->device->info().power;
    const auto devices = static_cast<double>(pool.feed_forward->memory.devices);
    if (out.most_j && second) {
      *out.most_j += second->value.value * seconds / each * devices;
    } else {
      out.most_j.reset();
    }
    out.unknown = "the energy of two groups of devices, " + info.id + " and " + pool.feed_forward->device->info().id +
                  ", is not told apart";
    return out;
  }
  if (!facts.running) {
    out.unknown = "the file of " + info.id + " has no power of a running device";
    return out;
  }
  for (std::size_t i = 0; i < tier_count; ++i) out.work_j.at[i] = results.work_joules.at[i] * each;
  const double running = facts.running->value.value;
  const double idle = facts.idle ? facts.idle->value.value : running;
  // What a lower clock saves is booked below zero where the cap ruled.
  out.running_j = running * results.cycles.all.busy_s * each + out.work_j[Tier::power];
  out.work_j[Tier::power] = 0;
  out.idle_j = idle * results.cycles.idle_s * each;
  out.mean_w = seconds > 0 ? out.joules() / seconds : 0;
  out.peak_w = results.cycles.all.busy_s > 0 ? results.work_peak_w + running : idle;
  out.cap = pool.power_cap;
  out.basis = weakest(facts, out.work_j);
  if (!facts.idle) out.left_out.push_back(info.id + " without work is taken to draw what it draws while running");
  const auto some = [](const auto& values) {
    return std::any_of(values.begin(), values.end(), [](const auto& value) { return value.has_value(); });
  };
  if (!some(facts.per_flop)) out.left_out.push_back("operations of " + info.id + " are left out");
  if (!some(facts.per_byte.at)) out.left_out.push_back("bytes moved in " + info.id + " are left out");
  return out;
}

double PoolEnergy::work() const {
  double sum = 0;
  for (const double joules : work_j.at) sum += joules;
  return sum;
}

EnergyReport energy_of(const Outcome& outcome) {
  EnergyReport report;
  report.all.most_j = 0;
  for (std::size_t i = 0; i < outcome.results.pools.size(); ++i) {
    const PoolEnergy pool = pool_energy(outcome.built.pools[i], outcome.results.pools[i]);
    PoolEnergy& all = report.all;
    if (!pool.unknown.empty() && all.unknown.empty()) all.unknown = pool.unknown;
    for (std::size_t t = 0; t < tier_count; ++t) all.work_j.at[t] += pool.work_j.at[t];
    all.running_j += pool.running_j;
    all.most_j = all.most_j && pool.most_j ? std::optional(*all.most_j + *pool.most_j) : std::nullopt;
    all.idle_j += pool.idle_j;
    all.basis = std::max(all.basis, pool.basis);
    for (const std::string& sentence : pool.left_out) {
      if (std::find(all.left_out.begin(), all.left_out.end(), sentence) == all.left_out.end())
        all.left_out.push_back(sentence);
    }
    report.pools.push_back(pool);
  }
  return report;
}

}  // namespace memwall
