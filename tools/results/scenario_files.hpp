// Files and folders that a user names to files of scenarios.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace memwall::tools {

/// The scenarios that the words name: files as they are, and of folders every *.json below them in the order of their
/// paths; without expectations, which `*.json` of a shell finds too. Throws InputError for a word that is neither, and
/// where nothing is found.
[[nodiscard]] std::vector<std::string> find_scenarios(const std::vector<std::string>& words);

/// Every file below a folder, in the order of their paths. Throws InputError where it cannot be read.
[[nodiscard]] std::vector<std::filesystem::path> files_below(const std::string& folder);

}  // namespace memwall::tools
