// Which files a check looks at.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace memwall::tools::check {

/// "a/b.json" to "a/b.expect.json".
[[nodiscard]] std::string expectation_path(const std::string& scenario);

/// The scenarios that the words name: files as they are, and of folders every *.json below them that is no expectation,
/// in the order of their paths. Throws InputError for a word that is neither, and where nothing is found.
[[nodiscard]] std::vector<std::string> find_scenarios(const std::vector<std::string>& words);

/// Results of two folders that belong together: every summary.json below `before` and below `now`, by relative path.
/// One side is empty where the other has no partner. Throws InputError where a folder holds none.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> pair_results(const std::string& before,
                                                                            const std::string& now);

}  // namespace memwall::tools::check
