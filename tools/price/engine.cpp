#include "tools/price/engine.hpp"

#include <algorithm>
#include <filesystem>

#include "sim/scenario/money.hpp"

namespace memwall::tools::price {
namespace {

constexpr double hour = 3600;

const BuiltPool& only_pool(const Built& built) {
  if (built.pools.size() != 1) {
    throw InputError("memwall price wants a scenario of one pool, and this one has " +
                     std::to_string(built.pools.size()) + ": give each pool a scenario of its own");
  }
  const BuiltPool& pool = built.pools.front();
  if (pool.spec.role != PoolRole::mixed) {
    throw InputError("pool \"" + pool.spec.name + "\" does not do all of a request; memwall price wants role mixed");
  }
  return pool;
}

/// The tightest limit of one metric over all workloads.
std::optional<double> tightest(const LoadedScenario& loaded, LatencyMetric metric) {
  std::optional<double> out;
  for (const WorkloadSpec& workload : loaded.scenario.workloads) {
    for (const SloBound& bound : workload.slo.bounds) {
      if (bound.metric == metric) out = std::min(out.value_or(bound.limit.seconds()), bound.limit.seconds());
    }
  }
  return out;
}

void add_devices(Money& money, const std::optional<DevicePrice>& price, const DeviceInfo& info, double count) {
  if (!price) {
    money.known = false;
    money.unknown = "neither the scenario nor the file of " + info.id + " has a price: set /pools/0/cost/price";
    return;
  }
  money.capital += price->capital.value * count;
  money.basis = std::max(money.basis, price->basis);
  if (!price->electricity) return;
  const double usd_per_joule = price->electricity->value * price->pue;
  money.usd_per_joule = std::max(money.usd_per_joule, usd_per_joule);
  if (!info.energy.running && !info.power) {
    money.known = false;
    money.unknown = "the file of " + info.id + " has neither energy nor a board power to pay for";
  }
}

/// Power of a pool's devices. Two groups of devices are paid for by their board power, since their energy is not told
/// apart.
void add_power(Money& money, const BuiltPool& pool, double own) {
  const DeviceInfo& info = pool.device->info();
  if (info.power) money.board_w += info.power->value.value * own;
  if (pool.feed_forward) {
    const auto& second = pool.feed_forward->device->info().power;
    if (second) money.board_w += second->value.value * static_cast<double>(pool.feed_forward->memory.devices);
    money.idle_w = money.board_w;
    return;
  }
  if (!info.energy.running) {
    money.idle_w = money.board_w;
    return;
  }
  money.busy_w = info.energy.running->value.value * own;
  money.idle_w = (info.energy.idle ? info.energy.idle->value.value : info.energy.running->value.value) * own;
}

Money money_of(const BuiltPool& pool, double own) {
  Money money;
  money.known = true;
  add_devices(money, pool.price, pool.device->info(), own);
  double devices = own;
  if (pool.feed_forward) {
    const DeviceInfo& second = pool.feed_forward->device->info();
    const auto count = static_cast<double>(pool.feed_forward->memory.devices);
    devices += count;
    if (money.known) add_devices(money, device_price({}, second, pool.spec.name), second, count);
  }
  add_power(money, pool, own);
  if (!money.known) {
    money.capital = devices / hour;
    money.usd_per_joule = 0;
  }
  return money;
}

Engine engine_of(const std::string& path, const Catalogue& catalogue, const std::vector<std::string>& edits) {
  RunOptions options;
  options.set = edits;
  const LoadedScenario loaded = load_scenario(path, catalogue, options);
  return {std::filesystem::path(path).stem().string(), loaded, build(loaded.scenario, catalogue, loaded.build)};
}

}  // namespace

Engine::Engine(std::string its_name, const LoadedScenario& loaded, Built built)
    : name(std::move(its_name)), pool(only_pool(built)), workloads(std::move(built.workloads)) {
  tpot_s = tightest(loaded, LatencyMetric::tpot);
  if (const auto itl = tightest(loaded, LatencyMetric::itl)) tpot_s = std::min(tpot_s.value_or(*itl), *itl);
  ttft_s = tightest(loaded, LatencyMetric::ttft);
  const double own = static_cast<double>(pool.devices_per_replica) / pool.spec.experts.data;
  devices = own;
  money = money_of(pool, own);
  const auto links = built.interconnect ? built.interconnect : std::make_shared<const Interconnect>();
  program_ = cycle_pricer(pool, links);
}

double Engine::usable_blocks() const {
  const VllmConfig& engine = pool.engine.scheduler;
  return static_cast<double>(engine.num_blocks - 1) * (1 - engine.watermark);
}

double Engine::blocks_of(double tokens) const {
  const VllmConfig& engine = pool.engine.scheduler;
  return tokens / static_cast<double>(engine.block_size) + 0.5 + static_cast<double>(engine.sequence_blocks);
}

double Engine::block_bytes() const {
  // Where layers are laid out in space the plan is over all devices together, else it is one rank's.
  const bool together = pool.device->spatial() != nullptr;
  return pool.memory.block.value * (together ? 1 : devices);
}

Cost Engine::price(BatchShape shape) const {
  if (shape.tokens == 0) return {};
  shape.padded = pool.engine.padding.rows(shape.tokens);
  return program_->price_from_scratch(shape);
}

Engine load_engine(const std::string& path, const Catalogue& catalogue, const std::vector<std::string>& edits,
                   std::int64_t shortest) {
  try {
    return engine_of(path, catalogue, edits);
  } catch (const InputError& first) {
    // Only a lack of memory can go away with a shorter sequence; anything else fails again and is told as it was.
    try {
      std::vector<std::string> shorter = edits;
      shorter.push_back("/pools/0/engine/max_model_len=" + std::to_string(shortest));
      Engine engine = engine_of(path, catalogue, shorter);
      engine.notes.push_back("the longest sequence of the scenario does not fit; built for " +
                             std::to_string(shortest) + " tokens");
      return engine;
    } catch (const InputError&) {
      throw first;
    }
  }
}

}  // namespace memwall::tools::price
