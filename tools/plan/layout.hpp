// What a plan chooses from: how one replica is laid out on devices, and how many replicas there are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/scenario/catalogue.hpp"

namespace memwall::tools::plan {

/// Settings of the engine that a plan tries. Absent: as the scenario has them.
struct EngineSettings {
  std::optional<std::int64_t> max_num_seqs;
  std::optional<std::int64_t> max_num_batched_tokens;
};

/// One replica: devices, the links between them, settings of its engine.
struct Layout {
  std::string device;
  bool spatial = false;                 ///< layers are laid out over the devices; else all of them share every layer
  std::optional<std::int64_t> devices;  ///< of a replica; absent on spatial machines: as few as fit
  std::string links;                    ///< id of an interconnect; empty where none is needed
  std::string refusal;                  ///< not empty: no links join so many devices, and why
  EngineSettings engine;

  /// "4 x h100_sxm, max_num_seqs 128"; `found` devices where their number is not given.
  [[nodiscard]] std::string name(std::int64_t found = 0) const;
};

/// What layouts are made of.
struct Choices {
  std::vector<std::string> devices;     ///< ids, or paths of device files
  std::vector<std::int64_t> tensor;     ///< devices of a replica of machines that run layers one after another
  std::vector<std::int64_t> counts;     ///< of machines that layers are laid out on; empty: as few as fit
  std::vector<EngineSettings> engines;  ///< at least one
  std::string own_device;               ///< the scenario's; its links are kept where they hold the replica
  std::string own_links;
  std::vector<std::string> directories;  ///< of relative paths
};

/// Every combination, devices first. Of several interconnects that join a device, a replica gets the smallest that
/// holds it. Throws InputError, with everything wrong at once, for devices that do not exist and files that are wrong.
[[nodiscard]] std::vector<Layout> layouts(const Choices& choices, const Catalogue& catalogue);

}  // namespace memwall::tools::plan
