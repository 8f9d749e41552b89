#include "sim/scenario/money.hpp"

#include <algorithm>

namespace memwall {
namespace {

constexpr double seconds_a_year = 365.25 * 24 * 3600;

}  // namespace

CostKeys read_cost(Reader& reader) {
  CostKeys keys;
  keys.price = reader.optional_quantity<DollarsPerSecond>("price", "rent of one device; absent: the device file's");
  if (reader.has("purchase")) {
    reader.object("purchase", false, "in place of a rent: what owning one device takes", [&keys](Reader& owned) {
      keys.purchase = owned.quantity<Dollars>("price", std::nullopt, "of one device");
      keys.years = owned.number("years", {std::nullopt, 0.1, 30}, "years of use, after which it is worth nothing");
    });
    if (keys.price) reader.fault("purchase", "stands beside a \"price\"; a device is either rented or bought");
  }
  keys.electricity = reader.optional_quantity<DollarsPerJoule>(
      "electricity", "price of power, paid for the energy of the run; absent: the device file's, or part of the rent");
  if (reader.has("pue")) {
    keys.pue = reader.number("pue", {std::nullopt, 1, 10}, "power of the building over power of its devices");
  }
  return keys;
}

std::optional<DevicePrice> device_price(const CostKeys& keys, const DeviceInfo& info, const std::string& pool) {
  DevicePrice out;
  const std::optional<Purchase>& file = info.purchase;
  if (keys.price) {
    out.capital = *keys.price;
    out.basis = Basis::estimate;
  } else if (keys.purchase) {
    out.capital = *keys.purchase / Seconds{keys.years * seconds_a_year};
    out.bought = true;
    out.basis = Basis::estimate;
  } else if (file) {
    out.capital = file->price.value / Seconds{file->years * seconds_a_year};
    out.bought = true;
    out.basis = file->price.basis;
  } else if (info.price) {
    out.capital = info.price->value;
    out.basis = info.price->basis;
  } else {
    if (!keys.any()) return std::nullopt;
    throw InputError("pool \"" + pool + "\": its \"cost\" has a price of power, but neither it nor the file of " +
                     info.id + " has one of the device; add \"price\" or \"purchase\"");
  }
  if (keys.electricity) {
    out.electricity = keys.electricity;
  } else if (out.bought && file) {
    out.electricity = file->electricity.value;
    out.basis = std::max(out.basis, file->electricity.basis);
  } else if (out.bought) {
    throw InputError("pool \"" + pool + "\": who buys a device pays for its power; add \"electricity\" to \"cost\"");
  }
  if (keys.pue && !out.electricity) {
    throw InputError("pool \"" + pool + "\": \"pue\" multiplies a price of power; add \"electricity\" to \"cost\"");
  }
  out.pue = keys.pue.value_or(out.bought && file ? file->pue.value : 1);
  if (!keys.pue && out.bought && file) out.basis = std::max(out.basis, file->pue.basis);
  return out;
}

}  // namespace memwall
