// The keys that a device file of this mechanism has beside those of every device.
#include <string>
#include <utility>

#include "hw_models/common/reading.hpp"
#include "hw_models/scratchpad/scratchpad.hpp"
#include "sim/hw/device_file.hpp"

namespace memwall {
namespace {

Scratchpad::Array read_array(Reader& reader) {
  Scratchpad::Array array;
  reader.object("array", true, "the systolic array", [&](Reader& r) {
    array.rows = r.sourced_number("rows", "rows that fill it").value;
    if (!(array.rows >= 1)) r.fault("rows", "must be at least 1");
    array.splits = r.numbers("splits", true, "into how many parts it may be cut, 1 first, rising");
    array.overhead = r.sourced_number("split_overhead", "share of its rate that a cut loses").value;
    if (!(array.overhead >= 0 && array.overhead < 1)) r.fault("split_overhead", "must be from 0 to below 1");
    bool rising = !array.splits.empty() && array.splits.front() == 1;
    for (std::size_t i = 1; i < array.splits.size(); ++i) rising = rising && array.splits[i] > array.splits[i - 1];
    if (!rising) r.fault("splits", "must begin with 1, the whole array, and rise");
    if (array.splits.empty()) array.splits = {1};
  });
  return array;
}

void read_spill(Reader& reader, Scratchpad::Spec& spec) {
  spec.spill = read_memory_tier(reader, "capacity_memory", Tier::capacity_memory,
                                "a large slow memory for weights that do not fit beside the caches");
  spec.spill_stream = spec.spill->bandwidth.value;
  spec.spill_after = read_share(reader, "spill_after", "share of the stacked memory that weights may take");
}

}  // namespace

std::unique_ptr<DeviceModel> Scratchpad::make(Reader& reader, DeviceInfo info) {
  Spec spec;
  spec.sram = read_memory_tier(reader, "sram", Tier::sram, "the scratchpad, which holds weights first");
  spec.sram_stream = spec.sram.bandwidth.value;
  spec.weights_share = reader.sourced_number("weights_share", "share of the scratchpad for weights, not buffers").value;
  if (!(spec.weights_share >= 0 && spec.weights_share <= 1)) reader.fault("weights_share", "must be from 0 to 1");
  spec.stream = info.bandwidth.value * read_share(reader, "bandwidth_share", "share of the stacked memory's peak");
  spec.compute = read_share(reader, "compute_share", "share of the peak that a full array reaches");
  if (reader.has("capacity_memory")) read_spill(reader, spec);
  if (reader.has("array")) spec.array = read_array(reader);
  const std::vector<Choice> programs = {{"operator", "one program for each operator"},
                                        {"layer", "one program for each layer, its operators fused"}};
  spec.fused_layers = reader.choice("program", programs, std::nullopt, "what one program covers") == 1;
  spec.launch = reader.sourced<Seconds>("launch", "fixed time of one program").value;
  bool any = false;
  for (const auto& peak : info.peak) any = any || peak.has_value();
  if (!any) {
    reader.fault("peak", "needs at least one number format");
    return nullptr;
  }
  info.memory_tier = Tier::hbm;
  info.further = {spec.sram};
  if (spec.spill) info.further.push_back(*spec.spill);
  info.runtime_reserve = Bytes{};
  info.provenance = reader.provenance();
  return std::make_unique<Scratchpad>(std::move(info), std::move(spec));
}

}  // namespace memwall
