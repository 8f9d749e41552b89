// Which files a check looks at.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace memwall::tools::check {

/// "a/b.json" to "a/b.expect.json".
[[nodiscard]] std::string expectation_path(const std::string& scenario);

/// Results of two folders that belong together: every summary.json below `before` and below `now`, by relative path.
/// One side is empty where the other has no partner. Throws InputError where a folder holds none.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> pair_results(const std::string& before,
                                                                            const std::string& now);

}  // namespace memwall::tools::check
