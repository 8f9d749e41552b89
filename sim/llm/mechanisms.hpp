// Mechanisms of published models that memwall cannot compute yet. Reading such a model as if it were an ordinary one
// would give wrong bytes, so it is refused by the mechanism's name.
#pragma once

#include <string_view>

#include "sim/llm/config_document.hpp"

namespace memwall {

/// Adds a fault for each mechanism that the file uses and memwall does not know.
void refuse_unknown_mechanisms(ConfigDocument& config, std::string_view family);

}  // namespace memwall
