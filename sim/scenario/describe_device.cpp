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

std::string duration_text(Seconds seconds) {
  const double s = seconds.value;
  if (s < 1e-3) return fmt::format("{:.4g} us", s * 1e6);
  return s < 1 ? fmt::format("{:.4g} ms", s * 1e3) : fmt::format("{:.4g} s", s);
}

std::string ridge_summary(const DeviceInfo& info) {
  std::string out;
  for (std::size_t i = 0; i < precision_count; ++i) {
    const auto format = static_cast<Precision>(i);
    // fp16 runs on the units of bf16.
    if (format == Precision::fp16 && info.peak[static_cast<std::size_t>(Precision::bf16)]) continue;
    if (const auto ridge = ridge_batch(info, format, format)) {
      out += fmt::format("{}{} {:.0f}", out.empty() ? "" : ", ", name(format), *ridge);
    }
  }
  return out;
}

std::string drain_summary(const DeviceInfo& info) {
  std::string out;
  for (const MemoryTier& memory : info.memories()) {
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", memory.name, duration_text(memory.drain()));
  }
  return out;
}

std::string device_text(const DeviceInfo& info) {
  std::string out = fmt::format("{} ({}), mechanism {}\n", info.name, info.id, info.mechanism);
  out += line("memory", info.memory);
  out += line("bandwidth", info.bandwidth);
  out += fmt::format("  {:<20}{:.4g} ms, all of the memory read once\n", "drain time", drain_time(info).value * 1e3);
  if (info.power) out += line("board power", *info.power);
  if (info.price) out += line(info.purchase ? "cost of owning" : "rent", *info.price);
  if (info.purchase) {
    const Purchase& own = *info.purchase;
    out += line("  purchase", own.price);
    out += fmt::format("  {:<20}{:g}\n", "  years of use", own.years);
    out += line("  electricity", own.electricity);
    out += fmt::format("  {:<20}{:g}, {}\n", "  PUE", own.pue.value, name(own.pue.basis));
  }
  if (info.energy.running) out += line("running", *info.energy.running);
  if (info.energy.idle) out += line("idle", *info.energy.idle);
  for (const MemoryTier& memory : info.further) {
    out += line(memory.name, memory.capacity);
    out += line("  bandwidth", memory.bandwidth);
    out += fmt::format("  {:<20}{}\n", "  drain time", duration_text(memory.drain()));
  }
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
  json.member("drain_time_s", drain_time(info).value);
  if (info.power) json.member("power_w", info.power->value.value);
  if (info.price) json.member("usd_per_hour", info.price->value.value * 3600);
  json.key("memories").begin_list();
  for (const MemoryTier& memory : info.memories()) {
    json.begin_object().member("name", memory.name).member("tier", name(memory.tier));
    json.member("bytes", memory.capacity.value.value).member("bytes_per_s", memory.bandwidth.value.value);
    json.member("drain_time_s", memory.drain().value).end_object();
  }
  json.end_list().key("peak_flops_per_s").begin_object();
  for (std::size_t i = 0; i < precision_count; ++i) {
    if (info.peak[i]) json.member(precision_names[i], info.peak[i]->value.value);
  }
  json.end_object().key("ridge_batch_tokens").begin_object();
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
