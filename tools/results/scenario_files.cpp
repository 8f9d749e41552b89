#include "tools/results/scenario_files.hpp"

#include <algorithm>
#include <string_view>
#include <system_error>

#include "sim/base/error.hpp"

namespace memwall::tools {
namespace fs = std::filesystem;

namespace {

bool is_expectation(std::string_view path) { return path.ends_with(".expect.json"); }

}  // namespace

std::vector<fs::path> files_below(const std::string& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  fs::recursive_directory_iterator at(folder, error);
  if (error) throw InputError(folder + ": cannot be read: " + error.message());
  for (const fs::directory_entry& entry : at) {
    if (entry.is_regular_file()) out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> find_scenarios(const std::vector<std::string>& words) {
  std::vector<std::string> out;
  for (const std::string& word : words) {
    if (!fs::exists(word)) throw InputError(word + ": there is no such file or folder");
    if (!fs::is_directory(word)) {
      if (!is_expectation(word)) out.push_back(word);
      continue;
    }
    for (const fs::path& path : files_below(word)) {
      const std::string text = path.string();
      if (path.extension() == ".json" && !is_expectation(text)) out.push_back(text);
    }
  }
  if (out.empty()) throw InputError("there is no scenario in " + words.front());
  return out;
}

}  // namespace memwall::tools
