#include "sim/hw/device_file.hpp"

#include <string>
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

DeviceInfo read_common(Reader& reader) {
  DeviceInfo info;
  info.id = reader.text("id", std::nullopt, "as scenarios name the device");
  info.name = reader.text("name", std::nullopt, "as people name it");
  info.memory = reader.sourced<Bytes>("memory", "what a process can allocate on one device");
  info.bandwidth = reader.sourced<BytesPerSecond>("bandwidth", "peak of that memory");
  read_peaks(reader, info);
  read_sparsity(reader, info);
  reader.object("engine_defaults", true, "batch limits that serving engines choose for the device",
                [&](Reader& defaults) {
                  info.default_max_num_batched_tokens =
                      defaults.integer("max_num_batched_tokens", {.low = 1}, "tokens of a cycle (vLLM API server)");
                  info.default_max_num_seqs = defaults.integer("max_num_seqs", {.low = 1}, "running sequences (vLLM)");
                });
  if (reader.has("power")) info.power = reader.sourced<Watts>("power", "board power limit");
  if (reader.has("price")) info.price = reader.sourced<DollarsPerSecond>("price", "rent of one device");
  return info;
}

}  // namespace

DeviceInfo read_device_info(Reader& reader) {
  DeviceInfo info = read_common(reader);
  info.mechanism = reader.text("mechanism", std::nullopt, "the class of device, which says how work is priced");
  return info;
}

std::unique_ptr<DeviceModel> read_device(Reader& reader, std::span<const Mechanism> mechanisms) {
  DeviceInfo info = read_common(reader);
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
