// What a rack design allows, as a table over the size of the domain.
#pragma once

#include <string>
#include <vector>

#include "sim/hw/rack.hpp"

namespace memwall::tools {

/// The design called `name`: an id of the catalogue, or a path that ends in ".json". Throws InputError.
[[nodiscard]] RackDesign find_rack(const std::string& name);
/// For copper and optics and each number of chips: power, cables, longest cable, and the limit that binds first.
[[nodiscard]] std::string rack_text(const RackDesign& rack, const std::vector<std::int64_t>& chips);

}  // namespace memwall::tools
