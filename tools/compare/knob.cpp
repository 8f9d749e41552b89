#include "tools/compare/knob.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "sim/base/error.hpp"
#include "sim/base/suggest.hpp"
#include "sim/base/units.hpp"
#include "sim/scenario/device_values.hpp"
#include "tools/compare/adapt.hpp"
#include "tools/results/json_nodes.hpp"

namespace memwall::tools::compare {
namespace {

// A device of today rents for a dollar or ten an hour; two orders beyond each way hold every question about it.
constexpr double least_dollars_an_hour = 0.01;
constexpr double most_dollars_an_hour = 1000;
constexpr double most_factor = 16;
constexpr double seconds_an_hour = 3600;

std::vector<json::Node>& pools_of(Sheet& sheet) { return sheet.document.root().find("pools")->items; }

template <class Change>
Sheet changed_pools(const Sheet& sheet, Change&& change) {
  Sheet out = sheet;
  for (json::Node& pool : pools_of(out)) change(pool);
  return out;
}

Sheet with_factor(const Sheet& sheet, const std::string& key, double factor) {
  json::Node number;
  number.kind = json::Kind::number;
  number.number = factor;
  number.text = fmt::format("{}", factor);
  return changed_pools(sheet, [&](json::Node& pool) { set_member(member_object(pool, "what_if"), key, number); });
}

std::optional<double> stated_factor(const Sheet& sheet, const std::string& key) {
  const json::Node& pool = sheet.document.tree().root.find("pools")->items.front();
  const json::Node* factors = pool.find("what_if");
  const json::Node* factor = factors == nullptr ? nullptr : factors->find(key);
  return factor == nullptr ? std::nullopt : std::optional(factor->number);
}

Built built(const Sheet& sheet, const Catalogue& catalogue) {
  const LoadedScenario loaded = load_scenario(sheet, catalogue);
  return build(loaded.scenario, catalogue, loaded.build);
}

/// Why a factor on the key could not change the scenario; empty where it could.
std::string why_fixed(const Sheet& sheet, const std::string& key, const Catalogue& catalogue) {
  try {
    (void)built(with_factor(sheet, key, 1.01), catalogue);
    return "";
  } catch (const InputError& error) {
    return error.what();
  }
}

Knob price_knob(const Built& now) {
  Knob out{"price", least_dollars_an_hour, most_dollars_an_hour, std::nullopt, {}, {}};
  if (const auto& price = now.pools.front().price; price && !price->bought) {
    out.now = price->capital.value * seconds_an_hour;
  }
  out.turn = [](const Sheet& sheet, double value) {
    return changed_pools(sheet, [value](json::Node& pool) {
      json::Node cost = object_node();
      set_member(cost, "price", text_node(fmt::format("{} USD/h", value)));
      set_member(pool, "cost", std::move(cost));
      if (json::Node* factors = pool.find("what_if")) remove_member(*factors, "price");
    });
  };
  out.text = [](double value) { return fmt::format("{:.4g} USD/h a device", value); };
  return out;
}

Knob power_knob(const Sheet& sheet, const Built& now) {
  const BuiltPool& pool = now.pools.front();
  const DeviceInfo& info = pool.device->info();
  if (!info.power || !info.energy.running) {
    throw InputError("--break-even power: the file of " + info.id + " (" + sheet.name +
                     ") has no board power and energy of its work to keep to");
  }
  Knob out{"power", info.power->value.value / most_factor, info.power->value.value, std::nullopt, {}, {}};
  out.now = pool.power_cap ? pool.power_cap->value : info.power->value.value;
  out.turn = [](const Sheet& given, double value) {
    return changed_pools(
        given, [value](json::Node& node) { set_member(node, "power_cap", text_node(fmt::format("{} W", value))); });
  };
  out.text = [](double value) { return fmt::format("{:.4g} W a device", value); };
  return out;
}

Knob factor_knob(const std::string& key, const Sheet& sheet, const Built& now) {
  Knob out{key, 1 / most_factor, most_factor, stated_factor(sheet, key).value_or(1), {}, {}};
  out.turn = [key](const Sheet& given, double value) { return with_factor(given, key, value); };
  const DeviceInfo& info = now.pools.front().device->info();
  // The memory of the device that was built has the scenario's factor in it already.
  const double stated = *out.now;
  if (key == "hbm_bandwidth") {
    out.text = [bandwidth = info.bandwidth.value](double value) {
      return fmt::format("x{:.4g} ({})", value, units::format(bandwidth * value));
    };
  } else if (key == "memory_capacity") {
    out.text = [memory = info.memory.value, stated](double value) {
      return fmt::format("x{:.4g} ({})", value, units::format(memory * (value / stated)));
    };
  } else {
    out.text = [](double value) { return fmt::format("x{:.4g}", value); };
  }
  return out;
}

}  // namespace

Knob knob_called(const std::string& name, const Sheet& sheet, const Catalogue& catalogue) {
  std::vector<std::string> known = {"price", "power", "bandwidth", "capacity"};
  for (const WhatIfKey& key : what_if_keys()) {
    if (key.name != "price") known.emplace_back(key.name);
  }
  if (std::find(known.begin(), known.end(), name) == known.end()) {
    throw InputError("--break-even " + name + ": is unknown; " + suggestion(name, known));
  }
  if (only_device(sheet).empty()) {
    throw InputError("--break-even: the pools of " + sheet.name + " are not all on one device");
  }
  const Built now = built(sheet, catalogue);
  if (name == "price") return price_knob(now);
  if (name == "power") return power_knob(sheet, now);
  std::vector<std::string> keys = {name};
  if (name == "capacity") keys = {"memory_capacity"};
  if (name == "bandwidth") keys = {"hbm_bandwidth", "capacity_memory_bandwidth", "sram_bandwidth"};
  std::string reason;
  for (const std::string& key : keys) {
    reason = why_fixed(sheet, key, catalogue);
    if (reason.empty()) return factor_knob(key, sheet, now);
  }
  throw InputError("--break-even " + name + ": " + reason);
}

}  // namespace memwall::tools::compare
