// OpenTelemetry spans of calls to language models (kubernetes-sigs/inference-perf: examples/otel): graphs of agents.
#pragma once

#include "workloads/formats/trace_format.hpp"

namespace memwall {

[[nodiscard]] OpenRows read_otel_keys(Reader& reader);
[[nodiscard]] bool recognise_otel(std::string_view name, std::string_view beginning);

}  // namespace memwall
