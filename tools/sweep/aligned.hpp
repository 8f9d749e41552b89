// Tables on the terminal.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace memwall::tools::sweep {

/// Columns as wide as what is in them, the first `texts` of them to the left and numbers to the right.
[[nodiscard]] std::string aligned(const std::vector<std::vector<std::string>>& rows, std::size_t texts);

}  // namespace memwall::tools::sweep
