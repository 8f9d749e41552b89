#include "sim/hw/package.hpp"

#include <cmath>
#include <string>

#include "sim/base/math.hpp"

namespace memwall {
namespace {

Sourced<double> chance(Reader& reader, std::string_view key, std::string_view doc) {
  Sourced<double> value = reader.sourced_number(key, doc);
  if (!(value.value > 0 && value.value <= 1)) {
    reader.fault(key, "must be a chance above 0 and at most 1");
    value.value = 1;
  }
  return value;
}

double power(double base, std::int64_t exponent) {
  double out = 1;
  for (std::int64_t i = 0; i < exponent; ++i) out *= base;
  return out;
}

}  // namespace

std::int64_t Package::most_stacks() const {
  constexpr std::int64_t edges = 2;
  return edges * dies * static_cast<std::int64_t>(std::floor(die_edge.value / edge_per_stack.value + 1e-9));
}

double Package::interposer_yield() const {
  return math::exp(-(interposer_defects.value * interposer_area.value).value);
}

double Package::yield(std::int64_t with_stacks) const {
  return interposer_yield() * power(die_attach.value, dies) * power(stack_attach.value, with_stacks);
}

Dollars Package::parts(std::int64_t with_stacks) const {
  return die_price.value * static_cast<double>(dies) + interposer_price.value +
         stack_price.value * static_cast<double>(with_stacks);
}

double Package::share_missing(std::int64_t missing) const {
  double ways = 1;
  for (std::int64_t i = 0; i < missing; ++i) ways *= static_cast<double>(stacks - i) / static_cast<double>(i + 1);
  return ways * power(stack_attach.value, stacks - missing) * power(1 - stack_attach.value, missing);
}

Package read_package(Reader& reader, std::optional<std::int64_t> stacks) {
  Package p;
  constexpr std::int64_t many = 256;
  p.dies = reader.integer("dies", {.low = 1, .high = many}, "dies that compute");
  p.die_edge = reader.sourced<Metres>("die_edge", "longer side of a die, along which stacks stand");
  p.die_price = reader.sourced<Dollars>("die_price", "of a die that passed its test");
  p.die_attach = chance(reader, "die_attach", "chance that placing a die spoils nothing");
  p.interposer = static_cast<InterposerKind>(reader.choice("interposer",
                                                           {{"silicon", "one piece of silicon (CoWoS-S)"},
                                                            {"bridges", "silicon bridges in a moulded layer (CoWoS-L)"},
                                                            {"organic", "no silicon"},
                                                            {"wafer", "a whole wafer (SoW-X)"}},
                                                           std::nullopt, "what the dies stand on"));
  p.interposer_area = reader.sourced<SquareMetres>("interposer_area", "of the interposer");
  p.interposer_defects = reader.sourced<PerSquareMetre>("interposer_defects", "of its area, that spoil it");
  p.interposer_price = reader.sourced<Dollars>("interposer_price", "of a good interposer, with assembly");
  p.full_stacks = reader.integer("full_stacks", {.low = 1, .high = many},
                                 "stacks with which `memory`, `bandwidth` and `price` are stated");
  p.stacks = reader.integer("hbm_stacks", {.fallback = p.full_stacks, .low = 1, .high = many}, "stacks of the package");
  p.stack_height = reader.integer("stack_height", {.low = 1, .high = 32}, "layers of a stack");
  p.stack_price = reader.sourced<Dollars>("stack_price", "of a stack that passed its test");
  p.stack_attach = chance(reader, "stack_attach", "chance that placing a stack spoils nothing");
  p.edge_per_stack = reader.sourced<Metres>("edge_per_stack", "of die edge that the wires of a stack need");
  if (p.dies > 1) p.die_to_die = reader.sourced<BytesPerSecond>("die_to_die", "one direction between neighbours");
  if (!(p.edge_per_stack.value.value > 0)) {
    reader.fault("edge_per_stack", "must be above zero");
    return p;
  }
  if (stacks) p.stacks = *stacks;
  if (p.stacks > p.most_stacks()) {
    reader.fault("hbm_stacks", std::to_string(p.stacks) + " stacks have no room: two edges of each of " +
                                   std::to_string(p.dies) + " dies hold " + std::to_string(p.most_stacks()));
    p.stacks = p.full_stacks;
  }
  return p;
}

}  // namespace memwall
