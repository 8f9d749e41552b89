#include "tools/compare/adapt.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "sim/base/error.hpp"
#include "tools/results/device_keys.hpp"
#include "tools/results/device_links.hpp"
#include "tools/results/json_nodes.hpp"

namespace memwall::tools::compare {
namespace {

/// Keys of a pool that say how its devices share the model, which is chosen anew for another device.
constexpr std::string_view layout_keys[] = {"parallelism", "ffn"};
/// Keys of its engine that do: batch limits and times of a device's kernels and host.
constexpr std::string_view engine_keys[] = {"max_num_seqs",      "max_num_batched_tokens", "num_gpu_blocks_override",
                                            "cuda_graphs",       "schedule_time",          "sampling_time_per_sequence",
                                            "dual_batch_overlap"};

std::vector<json::Node>& pools_of(Document& document) { return document.root().find("pools")->items; }

/// Why a sheet cannot be built; empty where it can.
std::string why_not(const Sheet& sheet, const Catalogue& catalogue) {
  try {
    const LoadedScenario loaded = load_scenario(sheet, catalogue);
    (void)build(loaded.scenario, catalogue, loaded.build);
    return "";
  } catch (const InputError& error) {
    return error.what();
  }
}

/// Leaves out what belongs to the device before, and answers the keys that were there.
std::vector<std::string> strip(json::Node& pool) {
  std::vector<std::string> out;
  for (const std::string_view key : layout_keys) {
    if (remove_member(pool, key) && key != "parallelism") out.emplace_back(key);
  }
  for (const std::string_view key : device_keys) {
    if (remove_member(pool, key) && key != "count") out.emplace_back(key);
  }
  json::Node* engine = pool.find("engine");
  if (engine == nullptr) return out;
  for (const std::string_view key : engine_keys) {
    if (remove_member(*engine, key)) out.push_back("engine/" + std::string(key));
  }
  return out;
}

/// Graphs of several servers, for replicas that one server does not hold. Their files name no device.
constexpr std::pair<std::string_view, std::string_view> several_servers[] = {
    {"h100_sxm", "hgx_h100_4_ib"},
    {"b200_sxm", "hgx_b200_8_ethernet"},
};

/// The links that may join a device, smallest first.
std::vector<DeviceLinks> links_of(const std::string& device, const Catalogue& catalogue) {
  std::vector<DeviceLinks> out;
  const auto known = links_by_device(catalogue, {});
  if (const auto found = known.find(device); found != known.end()) out = found->second;
  for (const auto& [of, graph] : several_servers) {
    const std::string id(graph);
    if (of == device) out.push_back({id, catalogue.interconnect(id, {})->max_ranks()});
  }
  return out;
}

/// The smallest links that join so many of a device; empty where none do.
std::string link_for(const std::vector<DeviceLinks>& known, int devices) {
  for (const DeviceLinks& links : known) {
    if (links.most >= devices) return links.id;
  }
  return "";
}

/// Every pool on so many devices that share each layer.
void set_tensor(Sheet& sheet, int devices, const std::string& link) {
  for (json::Node& pool : pools_of(sheet.document)) {
    json::Node parallelism = object_node();
    set_member(parallelism, "tensor", whole_node(devices));
    set_member(pool, "parallelism", std::move(parallelism));
    remove_member(pool, "count");
  }
  if (link.empty()) {
    remove_member(sheet.document.root(), "interconnect");
  } else {
    set_member(sheet.document.root(), "interconnect", text_node(link));
  }
}

/// The smallest power of two of devices that the sheet can be built with. Machines are sold, and heads divided, in
/// those.
void fit(Sheet& sheet, const std::string& device, const Catalogue& catalogue) {
  const auto model = catalogue.device(device, {});
  if (model->spatial() != nullptr) {
    remove_member(sheet.document.root(), "interconnect");
    sheet.refusal = why_not(sheet, catalogue);
    sheet.adapted.push_back(sheet.name + ": layers are laid out on as few devices as hold them");
    return;
  }
  const std::vector<DeviceLinks> known = links_of(model->info().id, catalogue);
  std::string problem;
  std::string alone;  // of one device
  constexpr int most = 1024;
  for (int devices = 1; devices <= most; devices *= 2) {
    const std::string link = devices == 1 ? "" : link_for(known, devices);
    if (devices > 1 && link.empty()) {
      // What more devices did not change, such as a kind of layer that the device lacks, more of them would not either.
      sheet.refusal = problem == alone && devices > 2
                          ? problem
                          : fmt::format("{} (and no link of the catalogue joins {} x {})", problem, devices, device);
      return;
    }
    set_tensor(sheet, devices, link);
    problem = why_not(sheet, catalogue);
    if (devices == 1) alone = problem;
    if (!problem.empty()) continue;
    sheet.adapted.push_back(fmt::format("{}: {} a replica, the smallest power of two that runs it{}", sheet.name,
                                        devices == 1 ? "1 device" : fmt::format("{} devices", devices),
                                        link.empty() ? "" : ", joined by " + link));
    return;
  }
  sheet.refusal = problem;
}

}  // namespace

std::string only_device(const Sheet& sheet) {
  std::string out;
  const json::Node* pools = sheet.document.tree().root.find("pools");
  if (pools == nullptr) return "";
  for (const json::Node& pool : pools->items) {
    const json::Node* device = pool.find("device");
    if (device == nullptr || pool.find("ffn") != nullptr) return "";
    if (!out.empty() && out != device->text) return "";
    out = device->text;
  }
  return out;
}

Sheet on_device(const Sheet& sheet, const std::string& device, const Catalogue& catalogue) {
  (void)catalogue.device(device, {});
  // What is wrong with the scenario itself is told once and not for each device.
  (void)load_scenario(sheet, catalogue);
  Sheet out = sheet;
  out.name = device;
  if (only_device(sheet) == device) return out;
  std::vector<std::string> left_out;
  for (json::Node& pool : pools_of(out.document)) {
    set_member(pool, "device", text_node(device));
    for (std::string& key : strip(pool)) {
      if (std::find(left_out.begin(), left_out.end(), key) == left_out.end()) left_out.push_back(std::move(key));
    }
  }
  fit(out, device, catalogue);
  if (!left_out.empty()) {
    std::string keys;
    for (const std::string& key : left_out) keys += (keys.empty() ? "" : ", ") + key;
    out.adapted.push_back(fmt::format("{}: left out, as they were said of the device before: {}", device, keys));
  }
  return out;
}

Sheet refitted(const Sheet& sheet, const Catalogue& catalogue) {
  const std::string device = only_device(sheet);
  if (device.empty() || device.ends_with(".json")) return sheet;
  Sheet out = sheet;
  out.adapted.clear();
  out.refusal.clear();
  fit(out, device, catalogue);
  return out;
}

}  // namespace memwall::tools::compare
