// What scenarios can name: filled by the program and passed in, so that nothing in sim/ knows a chip, a model or a
// trace.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sim/base/embedded.hpp"
#include "sim/hw/device.hpp"
#include "sim/hw/device_changes.hpp"
#include "sim/hw/interconnect.hpp"
#include "sim/hw/topology.hpp"
#include "sim/llm/catalogue.hpp"
#include "sim/serve/source.hpp"

namespace memwall {

struct Catalogue {
  std::span<const Mechanism> mechanisms;
  std::span<const SourceKind> sources;
  std::span<const EmbeddedFile> devices;        ///< ".../<id>.json"
  std::span<const EmbeddedFile> interconnects;  ///< ".../<id>.json"
  std::span<const EmbeddedFile> topologies;     ///< ".../<id>.json"
  std::span<const EmbeddedFile> models;         ///< ".../<org>__<name>.json" and the table of aliases
  std::vector<std::string> search;              ///< folders for relative paths, after the scenario's own

  [[nodiscard]] std::vector<std::string> device_names() const;
  /// Interconnects and topologies: a replica's links can be either.
  [[nodiscard]] std::vector<std::string> interconnect_names() const;
  [[nodiscard]] std::vector<std::string> topology_names() const;

  /// The device called `name`: an id of the catalogue, or a path that ends in ".json", relative to one of
  /// `directories`, with the changes. Throws InputError with the nearest ids for an unknown one and with all faults of
  /// a wrong file.
  [[nodiscard]] std::shared_ptr<const DeviceModel> device(const std::string& name,
                                                          std::span<const std::string> directories,
                                                          const DeviceChanges& changes = {}) const;
  /// The same of a topology.
  [[nodiscard]] std::shared_ptr<const Topology> topology(const std::string& name,
                                                         std::span<const std::string> directories) const;
  /// The same of an interconnect. A topology of that name is one too: its collectives follow from its graph.
  [[nodiscard]] std::shared_ptr<const Interconnect> interconnect(const std::string& name,
                                                                 std::span<const std::string> directories) const;

  /// The text of the file that such a name stands for; throws InputError as they do.
  [[nodiscard]] std::string device_text(const std::string& name, std::span<const std::string> directories) const;
  [[nodiscard]] std::string interconnect_text(const std::string& name, std::span<const std::string> directories) const;
};

/// The first of `directories` under which the relative path exists; the path itself when it is absolute. Throws
/// InputError that lists the places searched.
[[nodiscard]] std::string find_file(const std::string& path, std::span<const std::string> directories);

}  // namespace memwall
