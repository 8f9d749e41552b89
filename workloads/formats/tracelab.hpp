// TraceLab (uw-syfi/TraceLab): rounds of coding agents, as JSON Lines.
#pragma once

#include "workloads/formats/trace_format.hpp"

namespace memwall {

[[nodiscard]] OpenRows read_tracelab_keys(Reader& reader);
[[nodiscard]] bool recognise_tracelab(std::string_view name, std::string_view beginning);

}  // namespace memwall
