#include "sim/scenario/catalogue.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "sim/base/suggest.hpp"
#include "sim/config/json_reader.hpp"
#include "sim/hw/device_file.hpp"
#include "sim/scenario/device_values.hpp"

namespace memwall {
namespace {

std::string stem(std::string_view path) { return std::filesystem::path(path).stem().string(); }

bool is_path(const std::string& name) { return name.ends_with(".json"); }

std::vector<std::string> stems(std::span<const EmbeddedFile> files) {
  std::vector<std::string> names;
  for (const EmbeddedFile& file : files) names.push_back(stem(file.path));
  std::sort(names.begin(), names.end());
  return names;
}

/// The file of the catalogue that is called `name`.
const EmbeddedFile& embedded(std::string_view what, const std::string& name, std::span<const EmbeddedFile> files) {
  for (const EmbeddedFile& file : files) {
    if (stem(file.path) == name) return file;
  }
  throw InputError(std::string(what) + " \"" + name + "\" is unknown; " + suggestion(name, stems(files)));
}

/// Opens the document that `name` stands for and reads it.
template <class Read>
void read_named(std::string_view what, const std::string& name, std::span<const EmbeddedFile> files,
                std::span<const std::string> directories, Read&& read) {
  if (is_path(name)) {
    read_document(find_file(name, directories), read);
    return;
  }
  const EmbeddedFile& file = embedded(what, name, files);
  read_text(file.text, std::string(file.path), read);
}

Document parsed(const EmbeddedFile& file) { return Document::parse(file.text, std::string(file.path)); }

std::string text_of(std::string_view what, const std::string& name, std::span<const EmbeddedFile> files,
                    std::span<const std::string> directories) {
  if (!is_path(name)) return std::string(embedded(what, name, files).text);
  const std::string path = find_file(name, directories);
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw InputError(path + ": cannot be read");
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

}  // namespace

std::string find_file(const std::string& path, std::span<const std::string> directories) {
  namespace fs = std::filesystem;
  if (fs::path(path).is_absolute()) return path;
  std::string searched;
  for (const std::string& directory : directories) {
    const fs::path candidate = fs::path(directory.empty() ? "." : directory) / path;
    if (fs::exists(candidate)) return candidate.lexically_normal().string();
    searched += (searched.empty() ? "" : ", ") + fs::path(directory.empty() ? "." : directory).string();
  }
  throw InputError("\"" + path + "\" is not in any of the folders searched: " + searched);
}

std::vector<std::string> Catalogue::device_names() const { return stems(devices); }
std::vector<std::string> Catalogue::topology_names() const { return stems(topologies); }
std::vector<std::string> Catalogue::interconnect_names() const {
  std::vector<std::string> names = stems(interconnects);
  for (std::string& name : stems(topologies)) names.push_back(std::move(name));
  return names;
}

std::shared_ptr<const Topology> Catalogue::topology(const std::string& name,
                                                    std::span<const std::string> directories) const {
  std::shared_ptr<const Topology> topology;
  read_named("topology", name, topologies, directories, [&](Reader& reader) {
    topology = std::make_shared<const Topology>(Topology::read(reader, is_path(name) ? stem(name) : name));
  });
  return topology;
}

std::shared_ptr<const DeviceModel> Catalogue::device(const std::string& name, std::span<const std::string> directories,
                                                     const DeviceChanges& changes) const {
  std::shared_ptr<const DeviceModel> device;
  Document document =
      is_path(name) ? Document::load(find_file(name, directories)) : parsed(embedded("device", name, devices));
  apply_device_values(document, changes.values);
  document.read([&](Reader& reader) { device = read_device(reader, mechanisms, changes); });
  return device;
}

std::shared_ptr<const Interconnect> Catalogue::interconnect(const std::string& name,
                                                            std::span<const std::string> directories) const {
  std::shared_ptr<const Interconnect> interconnect;
  const std::vector<std::string> graphs = topology_names();
  if (std::find(graphs.begin(), graphs.end(), name) != graphs.end())
    return std::make_shared<const Interconnect>(Interconnect::on(*topology(name, directories)));
  read_named("interconnect", name, interconnects, directories, [&](Reader& reader) {
    const std::string id = is_path(name) ? stem(name) : name;
    // A file of the user's may be either: only topologies say of which kind they are.
    if (is_path(name) && reader.has("kind")) {
      const Topology topology = Topology::read(reader, id);
      if (topology.problems().empty()) interconnect = std::make_shared<const Interconnect>(Interconnect::on(topology));
      return;
    }
    interconnect = std::make_shared<const Interconnect>(Interconnect::read(reader, id));
  });
  return interconnect;
}

std::string Catalogue::device_text(const std::string& name, std::span<const std::string> directories) const {
  return text_of("device", name, devices, directories);
}

std::string Catalogue::interconnect_text(const std::string& name, std::span<const std::string> directories) const {
  const std::vector<std::string> graphs = topology_names();
  const bool graph = std::find(graphs.begin(), graphs.end(), name) != graphs.end();
  return text_of("interconnect", name, graph ? topologies : interconnects, directories);
}

}  // namespace memwall
