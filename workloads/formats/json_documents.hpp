// JSON documents of a trace: one in a file, one a line, or a folder of such files.
#pragma once

#include <functional>
#include <string_view>

#include "workloads/formats/input_file.hpp"
#include "workloads/formats/json_value.hpp"

namespace memwall {

/// Calls `visit(document, line)` on each document of a file, or of every file of a folder whose name ends in .json or
/// .jsonl (.gz, .zst), in the order of their names. A line is counted over all of them. Throws InputError for a text
/// that is not JSON, with file and line, for a folder without such files, and for a file of more than 1 GiB.
void each_document(const TraceFile& file, const std::function<void(JsonValue, std::int64_t)>& visit);

}  // namespace memwall
