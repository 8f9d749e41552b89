// Replays a trace: requests as they arrived, or as their session lets them.
#pragma once

#include <memory>

#include "sim/serve/source.hpp"
#include "workloads/replay/trace_survey.hpp"

namespace memwall {

/// Reads the trace once to check and count it, and then streams it. Throws InputError when the file cannot be used, or
/// when it lasts longer than the simulated clock.
[[nodiscard]] std::unique_ptr<RequestSource> replay_trace(TraceOptions options, const SourceContext& context);

/// Reads the keys of source kind `trace` into options whose file has a label only.
[[nodiscard]] TraceOptions read_trace_options(Reader& reader);

/// Reads the keys of source kind `trace`; the returned function opens it.
[[nodiscard]] std::function<std::unique_ptr<RequestSource>(const SourceContext&)> read_trace_source(Reader& reader);

/// The file that a path of a scenario means: beside the scenario, else in the first search folder that has it. Throws
/// InputError that names every place looked at.
[[nodiscard]] TraceFile locate_trace(const std::string& path, const SourceContext& context);

}  // namespace memwall
