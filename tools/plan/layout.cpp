#include "tools/plan/layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "sim/base/error.hpp"

namespace memwall::tools::plan {
namespace {

/// An interconnect as far as a choice between several needs it.
struct Links {
  std::string id;
  std::int64_t most = 1;  ///< devices that it joins
};

/// The interconnects of the catalogue by the devices that they say they join, smallest first.
std::map<std::string, std::vector<Links>> links_by_device(const Catalogue& catalogue,
                                                          const std::vector<std::string>& directories) {
  std::map<std::string, std::vector<Links>> out;
  for (const EmbeddedFile& file : catalogue.interconnects) {
    const std::string id = std::filesystem::path(file.path).stem().string();
    const auto links = catalogue.interconnect(id, directories);
    for (const std::string& device : links->joins()) out[device].push_back({id, links->max_ranks()});
  }
  for (auto& [device, known] : out) {
    std::stable_sort(known.begin(), known.end(), [](const Links& a, const Links& b) { return a.most < b.most; });
  }
  return out;
}

/// Writes the links of a replica into its layout, or why there are none.
void join(Layout& layout, const std::vector<Links>& known) {
  const std::int64_t wanted = layout.devices.value_or(1);
  if (layout.spatial || wanted <= 1) return;
  for (const Links& links : known) {
    if (links.most < wanted) continue;
    layout.links = links.id;
    return;
  }
  layout.refusal = known.empty() ? "the catalogue has no interconnect that says it joins " + layout.device
                                 : fmt::format("the largest links of {}, {}, join {} devices", layout.device,
                                               known.back().id, known.back().most);
}

std::vector<std::optional<std::int64_t>> sizes(const Choices& choices, bool spatial) {
  std::vector<std::optional<std::int64_t>> out;
  if (spatial && choices.counts.empty()) return {std::nullopt};
  for (const std::int64_t each : spatial ? choices.counts : choices.tensor) out.emplace_back(each);
  return out;
}

}  // namespace

std::string Layout::name(std::int64_t found) const {
  const std::int64_t count = devices.value_or(found);
  std::string out = count == 0 ? device : fmt::format("{} x {}", count, device);
  if (engine.max_num_seqs) out += fmt::format(", max_num_seqs {}", *engine.max_num_seqs);
  if (engine.max_num_batched_tokens) out += fmt::format(", max_num_batched_tokens {}", *engine.max_num_batched_tokens);
  return out;
}

std::vector<Layout> layouts(const Choices& choices, const Catalogue& catalogue) {
  const auto known = links_by_device(catalogue, choices.directories);
  std::vector<Layout> out;
  std::vector<Fault> faults;
  for (const std::string& id : choices.devices) {
    std::shared_ptr<const DeviceModel> device;
    try {
      device = catalogue.device(id, choices.directories);
    } catch (const InputError& error) {
      faults.insert(faults.end(), error.faults().begin(), error.faults().end());
      continue;
    }
    std::vector<Links> joined;
    if (id == choices.own_device && !choices.own_links.empty()) {
      joined.push_back(
          {choices.own_links, catalogue.interconnect(choices.own_links, choices.directories)->max_ranks()});
    }
    // A file of the user's own goes by the id that it states.
    const auto at = known.find(device->info().id);
    if (at != known.end()) joined.insert(joined.end(), at->second.begin(), at->second.end());
    for (const auto& size : sizes(choices, device->spatial() != nullptr)) {
      for (const EngineSettings& engine : choices.engines) {
        Layout layout{id, device->spatial() != nullptr, size, "", "", engine};
        join(layout, joined);
        out.push_back(std::move(layout));
      }
    }
  }
  if (!faults.empty()) throw InputError(std::move(faults));
  return out;
}

}  // namespace memwall::tools::plan
