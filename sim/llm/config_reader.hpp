// Turns a Hugging Face config.json, or a file of our own catalogue in the same keys, into a ModelShape.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "sim/llm/model.hpp"

namespace memwall {

/// Reads a model. `path` is how faults name the file, `name` how the model is called. Unknown keys are tolerated;
/// unknown mechanisms and families, missing dimensions and contradictions throw InputError with every fault found.
/// Multimodal files give their language model, and a note says so.
[[nodiscard]] ModelShape read_model_config(const std::string& path, std::string_view text, std::string name);

/// Reads a table {"alias": "org/name", ...}. Throws InputError when it is not one.
[[nodiscard]] std::map<std::string, std::string> read_aliases(const std::string& path, std::string_view text);

}  // namespace memwall
