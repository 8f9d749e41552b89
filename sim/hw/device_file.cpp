#include "sim/hw/device_file.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace memwall {
namespace {

void read_peaks(Reader& reader, DeviceInfo& info) {
  reader.object("peak", true, "dense matrix rate by number format; a format that is absent is not native",
                [&](Reader& peaks) {
                  for (std::size_t i = 0; i < precision_count; ++i) {
                    if (!peaks.has(precision_names[i])) continue;
                    info.peak[i] = peaks.sourced<FlopsPerSecond>(precision_names[i], "dense, without sparsity");
                  }
                });
}

void read_sparsity(Reader& reader, DeviceInfo& info) {
  if (!reader.has("sparsity")) return;
  reader.object("sparsity", false, "patterns of zeros in weights that the device skips; absent: none", [&](Reader& r) {
    for (const char* pattern : {"2:4", "unstructured"}) {
      if (!r.has(pattern)) continue;
      info.sparsity[pattern] = r.sourced_number(pattern, "how many times faster its products run than dense ones");
      if (info.sparsity[pattern].value < 1) r.fault(pattern, "must be at least 1");
    }
  });
}

void read_energy(Reader& reader, EnergyFacts& energy) {
  reader.object("energy", true, "what work costs in energy", [&](Reader& facts) {
    if (facts.has("running")) energy.running = facts.sourced<Watts>("running", "drawn before any byte or flop");
    if (facts.has("idle")) energy.idle = facts.sourced<Watts>("idle", "drawn with nothing to do");
    facts.object("per_byte", false, "energy of a byte moved, by tier", [&](Reader& tiers) {
      for (std::size_t i = 0; i < tier_count; ++i) {
        if (tiers.has(tier_names[i])) energy.per_byte.at[i] = tiers.sourced<JoulesPerByte>(tier_names[i], "moved");
      }
    });
    facts.object("per_flop", false, "energy of an operation, by format of the arithmetic", [&](Reader& formats) {
      for (std::size_t i = 0; i < precision_count; ++i) {
        const std::string_view format = precision_names[i];
        if (formats.has(format)) energy.per_flop[i] = formats.sourced<JoulesPerFlop>(format, "dense");
      }
    });
  });
}

/// The rent that an owner would have to ask: the price spread evenly over the years, and the power that the board may
/// draw, with what the building adds to it.
Sourced<DollarsPerSecond> cost_of_owning(const Purchase& purchase, Watts power) {
  constexpr double seconds_a_year = 365.25 * 24 * 3600;
  Sourced<DollarsPerSecond> out;
  out.value = purchase.price.value / Seconds{purchase.years * seconds_a_year} +
              power * purchase.pue.value * purchase.electricity.value;
  out.basis = std::max({purchase.price.basis, purchase.electricity.basis, purchase.pue.basis});
  out.source = "purchase price over the years of use, and board power x PUE x price of electricity";
  return out;
}

void read_money(Reader& reader, DeviceInfo& info) {
  if (reader.has("price")) info.price = reader.sourced<DollarsPerSecond>("price", "rent of one device");
  if (!reader.has("purchase")) return;
  Purchase purchase;
  reader.object("purchase", true, "in place of a rent: what owning one device takes", [&](Reader& owned) {
    purchase.price = owned.sourced<Dollars>("price", "of one device");
    purchase.years = owned.number("years", {std::nullopt, 0.1, 30}, "years of use");
    purchase.electricity = owned.sourced<DollarsPerJoule>("electricity", "price of power");
    purchase.pue = owned.sourced_number("pue", "power of the building over power of its devices");
    if (purchase.pue.value < 1) owned.fault("pue", "must be at least 1");
  });
  if (info.price) reader.fault("purchase", "stands beside a \"price\"; a device is either rented or bought");
  if (!info.power) reader.fault("purchase", "needs \"power\", which its owner pays for");
  info.price = cost_of_owning(purchase, info.power ? info.power->value : Watts{});
  info.purchase = std::move(purchase);
}

/// Memory, bandwidth and price are stated for a full package.
void read_stacks(Reader& reader, DeviceInfo& info, std::optional<std::int64_t> hbm_stacks) {
  if (!reader.has("package")) {
    if (hbm_stacks) reader.fault("", "has no \"package\", whose stacks could be changed");
    return;
  }
  Package package;
  reader.object("package", true, "what is bound together in the package of the device",
                [&](Reader& p) { package = read_package(p, hbm_stacks); });
  if (package.stacks != package.full_stacks) {
    const double share = package.memory_share();
    info.memory.value = info.memory.value * share;
    info.bandwidth.value = info.bandwidth.value * share;
    info.memory.basis = info.bandwidth.basis = Basis::estimate;
    if (info.price) {
      info.price->value = info.price->value * package.price_share();
      info.price->basis = Basis::estimate;
    }
  }
  info.package = package;
}

/// A number that a scenario moves is an estimate at best, because nobody measured or promised that one.
template <class Q>
void change(Sourced<Q>& number, double factor) {
  if (factor == 1) return;
  number.value = number.value * factor;
  number.basis = std::max(number.basis, Basis::estimate);
}

void change_price(Reader& reader, DeviceInfo& info, double factor) {
  if (info.purchase) {
    change(info.purchase->price, factor);
    if (factor != 1 && info.power) info.price = cost_of_owning(*info.purchase, info.power->value);
  } else if (info.price) {
    change(*info.price, factor);
  } else if (factor != 1) {
    reader.fault("", "has no \"price\" that could be changed");
  }
}

/// What a package is made of counts where it is built with another number of stacks, and nowhere else.
void check_stated_package(Reader& reader, const DeviceInfo& info) {
  if (!info.package || info.package->stacks != info.package->full_stacks) return;
  for (const std::string& pointer : info.stated) {
    if (!pointer.starts_with("/package/")) continue;
    reader.fault("package", "\"" + pointer +
                                "\" is stated by the scenario, but changes nothing while the package has all its "
                                "stacks: set package/hbm_stacks too");
  }
}

DeviceInfo read_common(Reader& reader, const DeviceChanges& changes = {}) {
  DeviceInfo info;
  for (const auto& [pointer, value] : changes.values) info.stated.push_back(pointer);
  info.id = reader.text("id", std::nullopt, "as scenarios name the device");
  info.name = reader.text("name", std::nullopt, "as people name it");
  info.memory = reader.sourced<Bytes>("memory", "what a process can allocate on one device");
  info.bandwidth = reader.sourced<BytesPerSecond>("bandwidth", "peak of that memory");
  info.memory_name = reader.text("memory_name", "HBM", "as people name that memory");
  if (!(info.memory.value.value > 0)) reader.fault("memory", "must be above zero");
  if (!(info.bandwidth.value.value > 0)) reader.fault("bandwidth", "must be above zero");
  read_peaks(reader, info);
  read_sparsity(reader, info);
  reader.object("engine_defaults", true, "batch limits that serving engines choose for the device",
                [&](Reader& defaults) {
                  info.default_max_num_batched_tokens =
                      defaults.integer("max_num_batched_tokens", {.low = 1}, "tokens of a cycle (vLLM API server)");
                  info.default_max_num_seqs = defaults.integer("max_num_seqs", {.low = 1}, "running sequences (vLLM)");
                });
  if (reader.has("power")) info.power = reader.sourced<Watts>("power", "board power limit");
  if (reader.has("sampling_time_per_sequence")) {
    info.sampling_per_sequence =
        reader.sourced<Seconds>("sampling_time_per_sequence",
                                "what its engine needs for each sequence that gets a token, beside the operators");
  }
  read_money(reader, info);
  if (reader.has("energy")) read_energy(reader, info.energy);
  read_stacks(reader, info, changes.hbm_stacks);
  check_stated_package(reader, info);
  change(info.memory, changes.memory);
  change_price(reader, info, changes.price);
  return info;
}

}  // namespace

MemoryTier read_memory_tier(Reader& reader, std::string_view key, Tier tier, std::string_view doc) {
  MemoryTier memory;
  memory.tier = tier;
  reader.object(key, true, doc, [&](Reader& entry) {
    memory.name = entry.text("name", std::string(key), "as people name the memory");
    memory.capacity = entry.sourced<Bytes>("capacity", "of one device");
    memory.bandwidth = entry.sourced<BytesPerSecond>("bandwidth", "peak");
    if (!(memory.capacity.value.value > 0)) entry.fault("capacity", "must be above zero");
    if (!(memory.bandwidth.value.value > 0)) entry.fault("bandwidth", "must be above zero");
  });
  return memory;
}

DeviceInfo read_device_info(Reader& reader) {
  DeviceInfo info = read_common(reader);
  info.mechanism = reader.text("mechanism", std::nullopt, "the class of device, which says how work is priced");
  return info;
}

std::unique_ptr<DeviceModel> read_device(Reader& reader, std::span<const Mechanism> mechanisms,
                                         const DeviceChanges& changes) {
  DeviceInfo info = read_common(reader, changes);
  std::unique_ptr<DeviceModel> device;
  std::vector<Variant> variants;
  for (const Mechanism& mechanism : mechanisms) {
    variants.push_back(
        {mechanism.name, mechanism.summary, [&, make = mechanism.make, name = mechanism.name](Reader& r) {
           info.mechanism = name;
           device = make(r, info);
         }});
  }
  reader.variant("mechanism", variants, std::nullopt, "the class of device, which says how work is priced");
  return device;
}

}  // namespace memwall
