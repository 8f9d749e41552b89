// LLMServingSim workloads (casys-kaist/LLMServingSim): single requests and agent sessions mixed, as JSON Lines.
#pragma once

#include "workloads/formats/trace_format.hpp"

namespace memwall {

[[nodiscard]] OpenRows read_llmservingsim_keys(Reader& reader);
[[nodiscard]] bool recognise_llmservingsim(std::string_view name, std::string_view beginning);

}  // namespace memwall
