// Dimensions that a configuration file leaves out because the family's own code has them as defaults.
#pragma once

#include <string>

#include "sim/llm/config_document.hpp"

namespace memwall {

/// Gives the document the value of every key of the family's table that it lacks. Answers a sentence that names them,
/// for the notes of the model; empty where the file was complete. The reading of published multimodal files rests on
/// it: they write only what differs from the defaults of the library that wrote them.
[[nodiscard]] std::string apply_family_defaults(ConfigDocument& config, const std::string& family);

}  // namespace memwall
