#include "sim/scenario/describe_device.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/units.hpp"

namespace memwall {
namespace {

std::string with_range(const std::optional<Range>& range, Dimension dimension) {
  if (!range) return {};
  return fmt::format(" ({} to {})", units::format(range->low, dimension), units::format(range->high, dimension));
}

template <class Q>
std::string line(std::string_view label, const Sourced<Q>& sourced) {
  return fmt::format("  {:<20}{}{}, {}\n", label, units::format(sourced.value), with_range(sourced.range, Q::dimension),
                     name(sourced.basis));
}

}  // namespace

std::optional<double> ridge_batch(const DeviceInfo& info, Precision weights, Precision compute) {
  const auto& peak = info.peak[static_cast<std::size_t>(compute)];
  if (!peak) return std::nullopt;
  return peak->value.value * bytes_per_weight(weights) / (2 * info.bandwidth.value.value);
}

Seconds drain_time(const DeviceInfo& info) { return info.memory.value / info.bandwidth.value; }

std::string provenance_table(std::vector<Provenance> entries) {
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Provenance& a, const Provenance& b) { return a.basis > b.basis; });
  std::size_t widest_name = 4;
  std::size_t widest_value = 5;
  for (const Provenance& entry : entries) {
    widest_name = std::max(widest_name, entry.name.size());
    widest_value = std::max(widest_value, entry.value.size());
  }
  std::string out =
      fmt::format("  {:<13}{:<{}}  {:<{}}  {}\n", "basis", "name", widest_name, "value", widest_value, "source");
  for (const Provenance& entry : entries) {
    out += fmt::format("  {:<13}{:<{}}  {:<{}}  {}\n", name(entry.basis), entry.name, widest_name, entry.value,
                       widest_value, entry.source);
  }
  return out;
}

std::string device_text(const DeviceInfo& info) {
  std::string out = fmt::format("{} ({}), mechanism {}\n", info.name, info.id, info.mechanism);
  out += line("memory", info.memory);
  out += line("bandwidth", info.bandwidth);
  out += fmt::format("  {:<20}{:.4g} ms, all of the memory read once\n", "drain time", drain_time(info).value * 1e3);
  if (info.power) out += line("board power", *info.power);
  if (info.price) out += line("rent", *info.price);
  out += fmt::format("  {:<20}{} sequences, {} tokens a cycle\n", "engine defaults", info.default_max_num_seqs,
                     info.default_max_num_batched_tokens);
  out += fmt::format("\n  {:<10}{:>16}   {}\n", "format", "dense peak",
                     "ridge: tokens at which products take as long as their weights");
  for (std::size_t i = 0; i < precision_count; ++i) {
    const auto format = static_cast<Precision>(i);
    const auto ridge = ridge_batch(info, format, format);
    if (!ridge) continue;
    out += fmt::format("  {:<10}{:>16}   {:.0f}\n", name(format), units::format(info.peak[i]->value), *ridge);
  }
  return out + "\n" + provenance_table(info.provenance);
}

void write_device(JsonWriter& json, const DeviceInfo& info) {
  json.begin_object().member("id", info.id).member("name", info.name).member("mechanism", info.mechanism);
  json.member("memory_bytes", info.memory.value.value).member("bandwidth_bytes_per_s", info.bandwidth.value.value);
  json.member("drain_time_s", drain_time(info).value).key("ridge_batch_tokens").begin_object();
  for (std::size_t i = 0; i < precision_count; ++i) {
    const auto format = static_cast<Precision>(i);
    if (const auto ridge = ridge_batch(info, format, format)) json.member(name(format), *ridge);
  }
  json.end_object().key("values").begin_list();
  for (const Provenance& entry : info.provenance) {
    json.begin_object().member("name", entry.name).member("value", entry.value).member("basis", name(entry.basis));
    json.member("source", entry.source).end_object();
  }
  json.end_list().end_object();
}

}  // namespace memwall
