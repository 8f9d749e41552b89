// `--what-if hbm_bandwidth=+10%`: words of the command line to edits of a scenario.
#pragma once

#include <string>
#include <vector>

#include "sim/scenario/run.hpp"

namespace memwall::tools {

/// Each word is `key=change` for all pools or `pool:key=change` for one; a change is `+10%`, `-10%` or `x2`. Throws
/// InputError for a word that is neither, and for keys and pools that there are not.
[[nodiscard]] std::vector<std::string> what_if_edits(const std::vector<std::string>& pools,
                                                     const std::vector<std::string>& words);

/// The same for the pools of a scenario file that `options` edit; nothing, without opening it, where there are no
/// words.
[[nodiscard]] std::vector<std::string> what_if_edits(const std::string& path, const Catalogue& catalogue,
                                                     const RunOptions& options, const std::vector<std::string>& words);

}  // namespace memwall::tools
