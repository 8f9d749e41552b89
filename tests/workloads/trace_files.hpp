// Helpers of the trace tests: files, options and whole replays.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "sim/config/json_reader.hpp"
#include "workloads/formats/mooncake.hpp"
#include "workloads/replay/trace_source.hpp"

namespace memwall::test {

inline TraceFile data_file(const std::string& name) {
  return {std::string(MEMWALL_SOURCE_DIR) + "/tests/workloads/data/" + name, name};
}

/// A file with this content in the build folder.
inline TraceFile written(const std::string& name, const std::string& content) {
  const auto folder = std::filesystem::path(MEMWALL_BINARY_DIR) / "test_traces";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / name, std::ios::binary) << content;
  return {(folder / name).string(), name};
}

/// How a format opens a file when none of its keys is given.
inline OpenRows plain_rows(std::string_view format) {
  OpenRows open;
  read_text("{}", "no keys", [&](Reader& reader) { open = trace_format(format).read(reader); });
  return open;
}

inline TraceOptions trace(const TraceFile& file, std::string_view format) {
  TraceOptions options;
  options.file = file;
  options.open = plain_rows(format);
  return options;
}

/// All requests of a source, each ended at once `answer` after it arrived.
inline std::vector<Request> drained(RequestSource& source, Duration answer = {}) {
  std::vector<Request> out;
  while (!source.exhausted()) {
    const Time next = source.next_arrival();
    law(next != Time::never(), "a source that is not exhausted has a next request once all others ended");
    out.push_back(source.pop());
    law(out.back().arrival == next, "a request arrives when the source said it would");
    source.ended(out.back(), next + answer);
  }
  law(source.next_arrival() == Time::never(), "an exhausted source has no next request");
  return out;
}

inline std::vector<Request> replayed(const TraceOptions& options, const SourceContext& context = {}) {
  return drained(*replay_trace(options, context));
}

}  // namespace memwall::test
