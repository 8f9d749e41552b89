#include "sim/scenario/cost_report.hpp"

#include <algorithm>

#include "sim/scenario/energy.hpp"

namespace memwall {
namespace {

constexpr double hour = 3600;

/// Mean watts of all devices of a pool.
std::optional<double> watts(const BuiltPool& pool, const PoolEnergy& energy, bool& board_power) {
  const auto devices = static_cast<double>(pool.devices());
  if (energy.unknown.empty()) return energy.mean_w * devices;
  board_power = true;
  if (const auto& limit = pool.device->info().power) return limit->value.value * devices;
  return std::nullopt;
}

}  // namespace

CostReport cost_of(const Outcome& outcome) {
  CostReport report;
  const EnergyReport energy = energy_of(outcome);
  for (std::size_t i = 0; i < outcome.built.pools.size(); ++i) {
    const BuiltPool& pool = outcome.built.pools[i];
    if (!pool.price) {
      report.unknown = "neither the scenario nor the file of " + pool.spec.device + " has a price of the device";
      return report;
    }
    report.capital_usd_per_hour += pool.price->capital.value * hour * static_cast<double>(pool.devices());
    report.basis = std::max(report.basis, pool.price->basis);
    if (!pool.price->electricity) continue;
    const auto drawn = watts(pool, energy.pools[i], report.energy_is_board_power);
    if (!drawn) {
      report.unknown = "the file of " + pool.spec.device + " has neither energy nor a board power to pay for";
      return report;
    }
    report.energy_usd_per_hour += *drawn * pool.price->pue * pool.price->electricity->value * hour;
    if (energy.pools[i].unknown.empty()) report.basis = std::max(report.basis, energy.pools[i].basis);
  }
  report.known = true;
  const Results& r = outcome.results;
  const double spent = report.usd_per_hour() / hour * r.duration.seconds();
  const auto per_million = [](double dollars, std::int64_t tokens) {
    return tokens > 0 ? dollars / static_cast<double>(tokens) * 1e6 : 0;
  };
  report.usd_per_mtok_total = per_million(spent, r.tokens.input + r.tokens.output);
  report.usd_per_mtok_generated = per_million(spent, r.tokens.output);
  const double critical = r.split.prefill_s + r.split.decode_s;
  if (critical <= 0) return report;
  report.usd_per_mtok_input = per_million(spent * r.split.prefill_s / critical, r.tokens.input);
  report.usd_per_mtok_output = per_million(spent * r.split.decode_s / critical, r.tokens.output);
  return report;
}

}  // namespace memwall
