#include "sim/scenario/what_if.hpp"

#include <array>
#include <string>
#include <utility>

namespace memwall {
namespace {

constexpr std::array keys = {
    WhatIfKey{"compute_rate", "rate of the matrix units", Tier::compute},
    WhatIfKey{"vector_rate", "rate of element-wise work and of sampling", Tier::vector},
    WhatIfKey{"sram_bandwidth", "bandwidth of the memory on the chip", Tier::sram},
    WhatIfKey{"hbm_bandwidth", "bandwidth of the stacked memory", Tier::hbm},
    WhatIfKey{"capacity_memory_bandwidth", "bandwidth of LPDDR or DDR on the accelerator", Tier::capacity_memory},
    WhatIfKey{"scale_up_speed", "speed of the links inside a scale-up domain, latency included", Tier::scale_up},
    WhatIfKey{"scale_out_speed", "speed of the links between domains, latency included", Tier::scale_out},
    WhatIfKey{"host_link_bandwidth", "bandwidth of the way to the host", Tier::host_link},
    WhatIfKey{"host_memory_bandwidth", "bandwidth of the store that weights are streamed from", Tier::host_memory},
    WhatIfKey{"launch_speed", "speed at which kernels start", Tier::launch},
    WhatIfKey{"host_speed", "speed of the host that schedules cycles", Tier::host_cpu},
    WhatIfKey{"pipeline_speed", "speed of hops, fills and drains where layers are laid out", Tier::pipeline},
    WhatIfKey{"memory_capacity", "capacity of the memory that holds weights and caches", std::nullopt},
    WhatIfKey{"price", "price of the device's file", std::nullopt},
};

// Three orders of magnitude each way are any generation of hardware that a question could be about.
constexpr double least = 0.001;
constexpr double most = 1000;

}  // namespace

std::span<const WhatIfKey> what_if_keys() { return keys; }

std::vector<std::pair<std::string_view, double>> changed_keys(const WhatIf& what_if) {
  std::vector<std::pair<std::string_view, double>> out;
  for (const WhatIfKey& key : keys) {
    const double factor = key.tier              ? what_if.speed_of(*key.tier)
                          : key.name == "price" ? what_if.price
                                                : what_if.memory_capacity;
    if (factor != 1) out.emplace_back(key.name, factor);
  }
  return out;
}

WhatIf read_what_if(Reader& reader) {
  WhatIf out;
  for (const WhatIfKey& key : keys) {
    const double factor =
        reader.number(key.name, {.fallback = 1, .low = least, .high = most}, "factor on the " + std::string(key.doc));
    if (factor == 1) continue;
    if (key.tier) {
      out.speed[*key.tier] = factor;
    } else if (key.name == "price") {
      out.price = factor;
    } else {
      out.memory_capacity = factor;
    }
  }
  return out;
}

std::shared_ptr<const Interconnect> with_speeds(std::shared_ptr<const Interconnect> links, const WhatIf& what_if) {
  for (const Tier tier : {Tier::scale_up, Tier::scale_out}) {
    const double factor = what_if.speed_of(tier);
    if (factor != 1) links = std::make_shared<const Interconnect>(links->with_speed(tier, factor));
  }
  return links;
}

}  // namespace memwall
