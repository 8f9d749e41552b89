#include "hw_models/wafer/wafer.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "hw_models/common/reading.hpp"

namespace memwall {

Wafer::Wafer(DeviceInfo info, double achieved, Fabric fabric)
    : OnChipDevice(std::move(info), achieved), fabric_(fabric) {}

// Every layer has its own region, however small, so all of them work at the same time.
double Wafer::places(double, double layers) const { return std::max(1.0, layers); }

double Wafer::devices_per_layer(double devices, double layers) const { return devices / layers; }

double Wafer::side(double devices_per_layer) const { return std::sqrt(fabric_.cores * devices_per_layer); }

// The input is spread along one axis of the region and the partial sums are added up along the other.
Seconds Wafer::operator_latency(double devices_per_layer) const { return fabric_.hop * (2 * side(devices_per_layer)); }

// Only a layer that is larger than a wafer leaves the mesh to add up its parts.
Seconds Wafer::exchange(Bytes payload, double devices_per_layer) const {
  if (devices_per_layer <= 1) return {};
  return (fabric_.wafer_latency + payload / fabric_.wafer_link) * 2;
}

Seconds Wafer::hand_overs(Bytes payload, double devices, double layers) const {
  const double crossings = std::ceil(devices) - 1;
  const Seconds between_regions = fabric_.hop * (side(devices_per_layer(devices, layers)) * (layers - 1));
  return between_regions + (fabric_.wafer_latency + payload / fabric_.wafer_link) * crossings;
}

std::unique_ptr<DeviceModel> Wafer::make(Reader& reader, DeviceInfo info) {
  const double achieved =
      read_share(reader, "achieved_share", "of the peak rate that the cores of a region reach, 0 to 1");
  Fabric fabric;
  reader.object("fabric", true, "the mesh of cores and the links between wafers", [&](Reader& f) {
    fabric.cores = read_count(f, "cores", "on a wafer");
    fabric.hop = f.sourced<Seconds>("hop", "a core's step of a product through the mesh: move, add and pass on").value;
    fabric.wafer_link = read_rate<BytesPerSecond>(f, "wafer_link", "from a wafer to the next one");
    fabric.wafer_latency = f.sourced<Seconds>("wafer_latency", "of that link").value;
    fabric.prompt_slot_tokens =
        read_count(f, "prompt_slot_tokens", "tokens of a prompt that share one reading of the weights");
  });
  if (reader.has("weight_store")) {
    reader.object("weight_store", false, "memory outside the wafer from which layers can be streamed", [&](Reader& s) {
      MemoryTier store;
      store.tier = Tier::host_memory;
      store.name = s.text("name", "weight store", "as people name it");
      store.capacity = s.sourced<Bytes>("capacity", "of weights that it holds");
      store.bandwidth = s.sourced<BytesPerSecond>("bandwidth", "from it onto one wafer");
      if (!(store.capacity.value.value > 0)) s.fault("capacity", "must be above zero");
      if (!(store.bandwidth.value.value > 0)) s.fault("bandwidth", "must be above zero");
      info.further = {store};
    });
  }
  if (!check_on_chip(reader, info)) return nullptr;
  info.provenance = reader.provenance();
  return std::make_unique<Wafer>(std::move(info), achieved, fabric);
}

std::shared_ptr<const DeviceModel> Wafer::rebuilt(DeviceInfo info, double achieved, double factor) const {
  Fabric fabric = fabric_;
  fabric.hop = fabric.hop / factor;
  fabric.wafer_latency = fabric.wafer_latency / factor;
  fabric.wafer_link = fabric.wafer_link * factor;
  return std::make_shared<const Wafer>(std::move(info), achieved, fabric);
}

}  // namespace memwall
