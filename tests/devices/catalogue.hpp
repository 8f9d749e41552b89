// The project's own device and interconnect files, read as the program reads them.
#pragma once

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "hw_models/hbm_gpu/hbm_gpu.hpp"
#include "hw_models/mechanisms.hpp"
#include "sim/base/error.hpp"
#include "sim/config/json_reader.hpp"
#include "sim/hw/device_file.hpp"
#include "sim/hw/interconnect.hpp"

namespace memwall::test {

inline std::filesystem::path models_folder() { return std::filesystem::path(MEMWALL_SOURCE_DIR) / "hw_models"; }

/// Every device file of the catalogue, whatever its mechanism, sorted by id.
inline std::vector<std::filesystem::path> device_paths() {
  std::vector<std::filesystem::path> paths;
  for (const Mechanism& mechanism : mechanisms()) {
    for (const auto& file : std::filesystem::directory_iterator(models_folder() / mechanism.name)) {
      if (file.path().extension() == ".json") paths.push_back(file.path());
    }
  }
  std::sort(paths.begin(), paths.end(), [](const auto& a, const auto& b) { return a.stem() < b.stem(); });
  return paths;
}

inline std::filesystem::path device_path(const std::string& id) {
  for (const auto& path : device_paths()) {
    if (path.stem() == id) return path;
  }
  throw InputError("no device file is called " + id);
}
inline std::filesystem::path interconnect_path(const std::string& id) {
  return models_folder() / "interconnects" / (id + ".json");
}

/// Names without extension of the JSON files in a folder, sorted; what is expected of scenarios is left out.
inline std::vector<std::string> ids_in(const std::filesystem::path& folder) {
  std::vector<std::string> ids;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.path().extension() != ".json" || file.path().stem().extension() == ".expect") continue;
    ids.push_back(file.path().stem().string());
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

inline std::unique_ptr<DeviceModel> read_device_file(const Document& document) {
  std::unique_ptr<DeviceModel> device;
  document.read([&](Reader& reader) { device = read_device(reader, mechanisms()); });
  return device;
}

inline std::shared_ptr<const DeviceModel> device(const std::string& id) {
  return read_device_file(Document::load(device_path(id)));
}

/// A GPU of the catalogue with its Spec, which the laws change.
inline HbmGpu gpu(const std::string& id) {
  const auto device = read_device_file(Document::load(device_path(id)));
  return dynamic_cast<const HbmGpu&>(*device);
}

inline Interconnect interconnect(const std::string& id) {
  Interconnect link;
  read_document(interconnect_path(id), [&](Reader& reader) { link = Interconnect::read(reader, id); });
  return link;
}

}  // namespace memwall::test
