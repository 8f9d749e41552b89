#include "tools/check/folders.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

#include "sim/base/error.hpp"

namespace memwall::tools::check {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view expect_ending = ".expect.json";

/// Every file below a folder, sorted.
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

std::map<std::string, std::string> summaries_below(const std::string& folder) {
  if (!fs::is_directory(folder)) throw InputError(folder + ": is no folder of results");
  std::map<std::string, std::string> out;
  for (const fs::path& path : files_below(folder)) {
    if (path.filename() != "summary.json") continue;
    out[path.parent_path().lexically_relative(folder).generic_string()] = path.string();
  }
  if (out.empty()) throw InputError(folder + ": holds no summary.json; `memwall run --out` writes them");
  return out;
}

}  // namespace

std::string expectation_path(const std::string& scenario) {
  fs::path path(scenario);
  path.replace_extension();
  return path.string() + std::string(expect_ending);
}

std::vector<std::string> find_scenarios(const std::vector<std::string>& words) {
  std::vector<std::string> out;
  for (const std::string& word : words) {
    if (!fs::exists(word)) throw InputError(word + ": there is no such file or folder");
    if (!fs::is_directory(word)) {
      out.push_back(word);
      continue;
    }
    for (const fs::path& path : files_below(word)) {
      const std::string text = path.string();
      if (path.extension() == ".json" && !text.ends_with(expect_ending)) out.push_back(text);
    }
  }
  if (out.empty()) throw InputError("there is no scenario in " + words.front());
  return out;
}

std::vector<std::pair<std::string, std::string>> pair_results(const std::string& before, const std::string& now) {
  const auto old = summaries_below(before);
  const auto current = summaries_below(now);
  std::map<std::string, std::pair<std::string, std::string>> pairs;
  for (const auto& [name, path] : old) pairs[name].first = path;
  for (const auto& [name, path] : current) pairs[name].second = path;
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [name, pair] : pairs) out.push_back(pair);
  return out;
}

}  // namespace memwall::tools::check
