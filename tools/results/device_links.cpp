#include "tools/results/device_links.hpp"

#include <algorithm>
#include <filesystem>

namespace memwall::tools {

std::map<std::string, std::vector<DeviceLinks>> links_by_device(const Catalogue& catalogue,
                                                                const std::vector<std::string>& directories) {
  std::map<std::string, std::vector<DeviceLinks>> out;
  for (const EmbeddedFile& file : catalogue.interconnects) {
    const std::string id = std::filesystem::path(file.path).stem().string();
    const auto links = catalogue.interconnect(id, directories);
    for (const std::string& device : links->joins()) out[device].push_back({id, links->max_ranks()});
  }
  for (auto& [device, known] : out) {
    std::stable_sort(known.begin(), known.end(),
                     [](const DeviceLinks& a, const DeviceLinks& b) { return a.most < b.most; });
  }
  return out;
}

}  // namespace memwall::tools
