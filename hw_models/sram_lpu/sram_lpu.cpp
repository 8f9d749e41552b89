#include "hw_models/sram_lpu/sram_lpu.hpp"

#include <algorithm>
#include <utility>

#include "hw_models/common/reading.hpp"

namespace memwall {

SramLpu::SramLpu(DeviceInfo info, double achieved, Fabric fabric)
    : OnChipDevice(std::move(info), achieved), fabric_(fabric) {}

// A chip runs one layer at a time. Where there are more layers than chips, a chip has several and takes them in turn.
double SramLpu::places(double devices, double layers) const { return std::max(1.0, std::min(devices, layers)); }

double SramLpu::devices_per_layer(double devices, double layers) const { return std::max(1.0, devices / layers); }

Seconds SramLpu::operator_latency(double) const { return fabric_.operator_latency; }

// Every chip sends each other one its part, adds up its own, and sends it to all: two hops inside a node. Chips of
// several nodes do the same once more for each level of the dragonfly.
Seconds SramLpu::exchange(Bytes payload, double devices_per_layer) const {
  if (devices_per_layer <= 1) return {};
  int levels = 1;
  for (double reach = fabric_.node_devices; reach < devices_per_layer; reach *= fabric_.node_devices) ++levels;
  const Seconds part = payload / std::min(devices_per_layer, fabric_.node_devices) / fabric_.link;
  return (fabric_.hop + part) * (2.0 * levels);
}

Seconds SramLpu::hand_overs(Bytes payload, double devices, double layers) const {
  return (fabric_.hop + payload / devices_per_layer(devices, layers) / fabric_.link) * (places(devices, layers) - 1);
}

std::unique_ptr<DeviceModel> SramLpu::make(Reader& reader, DeviceInfo info) {
  const double achieved =
      read_share(reader, "achieved_share", "of the peak matrix rate that a schedule reaches, 0 to 1");
  Fabric fabric;
  reader.object("fabric", true, "how chips are joined and what a schedule costs", [&](Reader& f) {
    fabric.node_devices = read_count(f, "node_devices", "chips that all have a link to each other");
    fabric.hop = f.sourced<Seconds>("hop", "from a chip's SRAM into that of the next one").value;
    fabric.link = read_rate<BytesPerSecond>(f, "link", "from one chip to one other, one direction");
    fabric.operator_latency =
        f.sourced<Seconds>("operator_latency", "from the first input of a matrix operator to its first output").value;
    fabric.prompt_slot_tokens =
        read_count(f, "prompt_slot_tokens", "tokens of a prompt that share one reading of the weights");
  });
  if (!check_on_chip(reader, info)) return nullptr;
  info.provenance = reader.provenance();
  return std::make_unique<SramLpu>(std::move(info), achieved, fabric);
}

std::shared_ptr<const DeviceModel> SramLpu::rebuilt(DeviceInfo info, double achieved, double factor) const {
  Fabric fabric = fabric_;
  fabric.hop = fabric.hop / factor;
  fabric.operator_latency = fabric.operator_latency / factor;
  fabric.link = fabric.link * factor;
  return std::make_shared<const SramLpu>(std::move(info), achieved, fabric);
}

}  // namespace memwall
