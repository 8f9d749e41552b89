// Normalised spans of Exgentic/agent-llm-traces: agents whose calls overlap, as JSON Lines.
#pragma once

#include "workloads/formats/trace_format.hpp"

namespace memwall {

[[nodiscard]] OpenRows read_exgentic_keys(Reader& reader);
[[nodiscard]] bool recognise_exgentic(std::string_view name, std::string_view beginning);

}  // namespace memwall
