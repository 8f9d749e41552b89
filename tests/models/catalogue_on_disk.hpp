// The catalogue's files as the program will embed them, read from the source folder.
#pragma once

#include <algorithm>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "sim/base/embedded.hpp"
#include "sim/llm/catalogue.hpp"

namespace memwall::test {

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

inline std::vector<std::filesystem::path> json_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

inline const ModelCatalogue& catalogue() {
  static const std::deque<std::string> texts = [] {
    std::deque<std::string> out;
    for (const auto& path : json_files(std::string(MEMWALL_SOURCE_DIR) + "/workloads/models")) {
      out.push_back("workloads/models/" + path.filename().string());
      out.push_back(read_text(path));
    }
    return out;
  }();
  static const ModelCatalogue loaded = [] {
    std::vector<EmbeddedFile> files;
    for (std::size_t i = 0; i < texts.size(); i += 2) files.push_back({texts[i], texts[i + 1]});
    return ModelCatalogue(files);
  }();
  return loaded;
}

}  // namespace memwall::test
