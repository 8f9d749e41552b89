#include "tools/check/folders.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

#include "sim/base/error.hpp"
#include "tools/results/scenario_files.hpp"

namespace memwall::tools::check {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view expect_ending = ".expect.json";

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
