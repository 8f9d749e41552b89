#include "sim/scenario/cost_report.hpp"

#include <algorithm>

#include "sim/scenario/energy.hpp"

namespace memwall {
namespace {

constexpr double hour = 3600;

/// Adds what so many devices of a price cost an hour; `watts` is what all of them draw on average, where it is known.
void add_devices(CostReport& report, const std::optional<DevicePrice>& price, const DeviceInfo& info, double devices,
                 std::optional<double> watts) {
  if (!price) {
    report.unknown = "neither the scenario nor the file of " + info.id + " has a price of the device";
    return;
  }
  report.capital_usd_per_hour += price->capital.value * hour * devices;
  report.basis = std::max(report.basis, price->basis);
  if (!price->electricity) return;
  if (!watts && info.power) {
    watts = info.power->value.value * devices;
    report.energy_is_board_power = true;
  }
  if (!watts) {
    report.unknown = "the file of " + info.id + " has neither energy nor a board power to pay for";
    return;
  }
  report.energy_usd_per_hour += *watts * price->pue * price->electricity->value * hour;
}

}  // namespace

CostReport cost_of(const Outcome& outcome) {
  CostReport report;
  const EnergyReport energy = energy_of(outcome);
  for (std::size_t i = 0; i < outcome.built.pools.size(); ++i) {
    const BuiltPool& pool = outcome.built.pools[i];
    const PoolEnergy& drawn = energy.pools[i];
    const auto devices = static_cast<double>(pool.spec.replicas * pool.devices_per_replica);
    const bool known = drawn.unknown.empty();
    add_devices(report, pool.price, pool.device->info(), devices,
                known ? std::optional(drawn.mean_w * devices) : std::nullopt);
    if (known && report.energy_usd_per_hour > 0) report.basis = std::max(report.basis, drawn.basis);
    if (pool.feed_forward) {
      const DeviceInfo& second = pool.feed_forward->device->info();
      add_devices(report, device_price({}, second, pool.spec.name), second,
                  static_cast<double>(pool.spec.replicas * pool.feed_forward->memory.devices), std::nullopt);
    }
    if (!report.unknown.empty()) return report;
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
