#include "sim/llm/catalogue.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "sim/base/error.hpp"
#include "sim/llm/config_reader.hpp"

namespace memwall {
namespace {

/// "a/b/ORG__NAME.json" -> "ORG/NAME"; empty for other files.
std::string model_name(std::string_view path) {
  std::string_view stem = path.substr(path.rfind('/') + 1);
  if (!stem.ends_with(".json")) return {};
  stem.remove_suffix(5);
  const std::size_t joint = stem.find("__");
  if (joint == std::string_view::npos) return {};
  return std::string(stem.substr(0, joint)) + "/" + std::string(stem.substr(joint + 2));
}

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

/// Levenshtein distance without regard to case.
std::size_t edit_distance(std::string_view left, std::string_view right) {
  const std::string a = lowered(left);
  const std::string b = lowered(right);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

/// How far a typed name is from a known one. Many type the name without the organisation, so that is compared too.
std::size_t distance(std::string_view typed, std::string_view known) {
  const std::size_t whole = edit_distance(typed, known);
  if (typed.find('/') != std::string_view::npos) return whole;
  return std::min(whole, edit_distance(typed, known.substr(known.find('/') + 1)));
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (!stream.good() && !stream.eof()) throw InputError(path.string() + ": cannot be read");
  return text;
}

/// Where the file of a relative path is.
std::filesystem::path place_on_disk(std::string_view name, std::span<const std::string> directories) {
  std::vector<std::filesystem::path> places;
  if (directories.empty() || std::filesystem::path(name).is_absolute()) {
    places.emplace_back(name);
  } else {
    for (const std::string& directory : directories) places.push_back(std::filesystem::path(directory) / name);
  }
  std::string searched;
  for (const std::filesystem::path& place : places) {
    std::error_code unreadable;  // a path that cannot exist is searched in vain like one that does not
    if (std::filesystem::is_regular_file(place, unreadable)) return place;
    searched += (searched.empty() ? "" : ", ") + place.string();
  }
  throw InputError("there is no model file " + std::string(name) + " (looked for " + searched + ")");
}

}  // namespace

ModelCatalogue::ModelCatalogue(std::span<const EmbeddedFile> files) {
  std::vector<Fault> faults;
  const EmbeddedFile* table = nullptr;
  for (const EmbeddedFile& file : files) {
    if (const std::string name = model_name(file.path); !name.empty()) files_.emplace(name, file);
    if (file.path.substr(file.path.rfind('/') + 1) == "aliases.json") table = &file;
  }
  if (table == nullptr) return;
  aliases_ = read_aliases(std::string(table->path), table->text);
  for (const auto& [alias, target] : aliases_) {
    Fault fault{std::string(table->path), 0, "/" + alias, ""};
    if (!files_.contains(target)) fault.message = "leads to '" + target + "', which is no model of the catalogue";
    if (files_.contains(alias)) fault.message = "is a model of the catalogue itself and needs no alias";
    if (!fault.message.empty()) faults.push_back(std::move(fault));
  }
  if (!faults.empty()) throw InputError(faults);
}

std::string ModelCatalogue::unaliased(std::string_view name) const {
  const auto alias = aliases_.find(std::string(name));
  return alias != aliases_.end() ? alias->second : std::string(name);
}

ModelShape ModelCatalogue::find(std::string_view name, std::span<const std::string> directories) const {
  const std::string wanted = unaliased(name);
  if (const auto file = files_.find(wanted); file != files_.end()) {
    return read_model_config(std::string(file->second.path), file->second.text, wanted);
  }
  if (!name.ends_with(".json")) refuse(name);
  const std::filesystem::path place = place_on_disk(name, directories);
  return read_model_config(place.string(), read_file(place), std::string(name));
}

std::string ModelCatalogue::text(std::string_view name, std::span<const std::string> directories) const {
  if (const auto file = files_.find(unaliased(name)); file != files_.end()) return std::string(file->second.text);
  if (!name.ends_with(".json")) refuse(name);
  return read_file(place_on_disk(name, directories));
}

void ModelCatalogue::refuse(std::string_view name) const {
  std::vector<std::pair<std::size_t, std::string>> nearest;
  for (const auto& [known, file] : files_) nearest.emplace_back(distance(name, known), known);
  for (const auto& [alias, target] : aliases_) nearest.emplace_back(distance(name, alias), alias);
  std::sort(nearest.begin(), nearest.end());
  std::string message = "there is no model '" + std::string(name) + "' in the catalogue";
  for (std::size_t i = 0; i < std::min<std::size_t>(3, nearest.size()); ++i) {
    message += (i == 0 ? "; did you mean '" : "' or '") + nearest[i].second;
  }
  message += nearest.empty() ? "; " : "'? ";
  throw InputError(message + "A path to a config.json works too");
}

std::vector<std::string> ModelCatalogue::names() const {
  std::vector<std::string> out;
  for (const auto& [name, file] : files_) out.push_back(name);
  return out;
}

}  // namespace memwall
