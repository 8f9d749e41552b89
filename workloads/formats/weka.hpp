// Conversations of coding agents in WEKA's form (callanjfox/kv-cache-tester): a JSON document each, with subagents.
#pragma once

#include "workloads/formats/trace_format.hpp"

namespace memwall {

[[nodiscard]] OpenRows read_weka_keys(Reader& reader);
[[nodiscard]] bool recognise_weka(std::string_view name, std::string_view beginning);

}  // namespace memwall
