// memwall device
#include <fmt/format.h>

#include "sim/base/units.hpp"
#include "sim/config/json_writer.hpp"
#include "tools/options.hpp"
#include "tools/table.hpp"
#include "tools/verbs.hpp"

namespace memwall::tools {
namespace {

/// Tokens in a batch at which arithmetic takes as long as reading the weights: peak x bytes per weight / (2 x
/// bandwidth).
std::optional<double> ridge_batch(const DeviceInfo& info, Precision format) {
  const auto& peak = info.peak[static_cast<std::size_t>(format)];
  if (!peak) return std::nullopt;
  return peak->value.value * bytes_per_weight(format) / (2 * info.bandwidth.value.value);
}

void print_device(const DeviceInfo& info) {
  fmt::print("{}  ({}, {})\n", info.name, info.id, info.mechanism);
  fmt::print("  memory {}, {}; drained in {}\n", units::format(info.memory.value), units::format(info.bandwidth.value),
             time_text(info.memory.value / info.bandwidth.value / Seconds{1}));
  for (std::size_t i = 0; i < precision_count; ++i) {
    const auto format = static_cast<Precision>(i);
    if (const auto ridge = ridge_batch(info, format)) {
      fmt::print("  {:<6} {:>14}   ridge at a batch of {:.0f} tokens\n", name(format),
                 units::format(info.peak[i]->value), *ridge);
    }
  }
  fmt::print("\n  {:<44}{:<20}{:<12}{}\n", "value", "", "basis", "source");
  for (const Provenance& entry : info.provenance) {
    fmt::print("  {:<44}{:<20}{:<12}{}\n", entry.name, entry.value, name(entry.basis), entry.source);
  }
}

void write_device(JsonWriter& json, const DeviceInfo& info) {
  json.begin_object().member("id", info.id).member("name", info.name).member("mechanism", info.mechanism);
  json.member("memory_bytes", info.memory.value.value).member("bandwidth_bytes_per_s", info.bandwidth.value.value);
  json.member("drain_time_s", info.memory.value / info.bandwidth.value / Seconds{1})
      .key("ridge_batch_tokens")
      .begin_object();
  for (std::size_t i = 0; i < precision_count; ++i) {
    if (const auto ridge = ridge_batch(info, static_cast<Precision>(i))) json.member(precision_names[i], *ridge);
  }
  json.end_object().key("values").begin_list();
  for (const Provenance& entry : info.provenance) {
    json.begin_object().member("name", entry.name).member("value", entry.value).member("basis", name(entry.basis));
    json.member("source", entry.source).end_object();
  }
  json.end_list().end_object();
}

}  // namespace

int device_verb(const std::vector<std::string>& words) {
  Options options;
  options.usage = "device [NAME] [--json]";
  options.example = "memwall device h100_sxm";
  options.positional = {"device"};
  options.described.add_options()("json", "print JSON");
  po::variables_map values;
  if (!options.parse(words, values)) return exit_done;
  const Catalogue catalogue = program_catalogue({""});
  const bool json_wanted = values.count("json") != 0;
  const bool one = values.count("device") != 0;
  const auto names = one ? values["device"].as<std::vector<std::string>>() : catalogue.device_names();

  std::string text;
  JsonWriter json(text);
  json.begin_object().member("schema", 1).key("devices").begin_list();
  for (const std::string& id : names) {
    const auto device = catalogue.device(id, catalogue.search);
    const DeviceInfo& info = device->info();
    write_device(json, info);
    if (json_wanted) continue;
    if (one) {
      print_device(info);
    } else {
      fmt::print("{:<14}{:<28}{:>12}{:>14}  {}\n", info.id, info.name, units::format(info.memory.value),
                 units::format(info.bandwidth.value), info.mechanism);
    }
  }
  json.end_list().end_object().finish();
  if (json_wanted) fmt::print("{}", text);
  return exit_done;
}

}  // namespace memwall::tools
