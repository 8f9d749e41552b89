// Every reader of traces under libFuzzer. The first byte chooses the format, the rest is the file. Whatever it holds is
// answered or refused; a crash, a hang or memory beyond the input's size is a defect.
//
// MEMWALL_FUZZ_GROUP narrows the formats: csv, lines or documents (packed files and detection among the last).
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "sim/base/error.hpp"
#include "sim/config/json_reader.hpp"
#include "workloads/formats/own_trace.hpp"
#include "workloads/formats/servegen.hpp"
#include "workloads/replay/trace_source.hpp"
#include "workloads/replay/trace_stats.hpp"

namespace {

using namespace memwall;

struct Subject {
  std::string format;  ///< empty = to be detected
  std::string ending;
};

/// ServeGen's files are a few numbers that ask for many requests, so their texts are read and no request is drawn.
constexpr const char* servegen_texts = "servegen";

const std::vector<Subject>& subjects() {
  static const std::vector<Subject> all = [] {
    const std::vector<Subject> csv = {{"azure", ".csv"},   {"burstgpt", ".csv"},    {"vidur", ".csv"},
                                      {"lengths", ".csv"}, {"splitwise", ".csv"},   {"tracelab_replay", ".csv"},
                                      {"vtc", ".csv"},     {servegen_texts, ".csv"}};
    const std::vector<Subject> lines = {{"mooncake", ".jsonl"}, {"bailian", ".jsonl"},       {"tracelab", ".jsonl"},
                                        {"exgentic", ".jsonl"}, {"llmservingsim", ".jsonl"}, {"memwall", ".jsonl"}};
    const std::vector<Subject> documents = {
        {"weka", ".json"}, {"otel", ".json"}, {"", ".json"}, {"mooncake", ".jsonl.gz"}, {"azure", ".csv.zst"}};
    const char* group = std::getenv("MEMWALL_FUZZ_GROUP");
    const std::string name = group == nullptr ? "" : group;
    std::vector<Subject> out;
    for (const auto& [named, part] :
         {std::pair{"csv", csv}, std::pair{"lines", lines}, std::pair{"documents", documents}}) {
      if (name.empty() || name == named) out.insert(out.end(), part.begin(), part.end());
    }
    if (out.empty()) std::abort();
    return out;
  }();
  return all;
}

void replay_all(const TraceOptions& options) {
  const auto source = replay_trace(options, {});
  std::size_t left = 100'000;
  while (!source->exhausted() && left-- > 0) {
    const Time next = source->next_arrival();
    if (next == Time::never()) std::abort();  // everybody has ended, so somebody must come
    const Request request = source->pop();
    if (request.input_tokens < 1 || request.output_tokens < 1) std::abort();
    source->ended(request, next);
  }
}

void try_format(const TraceFile& file, const std::string& format) {
  TraceOptions options;
  options.file = file;
  read_text("{}", "fuzz", [&](Reader& reader) { options.open = trace_format(format).read(reader); });
  static_cast<void>(trace_stats(options));
  replay_all(options);
  options.concurrency = 3;
  replay_all(options);
  std::string text;
  static_cast<void>(convert_trace(options.open, file, {}, format, [&](std::string_view bytes) { text += bytes; }));
}

void try_file(const TraceFile& file, const Subject& subject, const std::string& content) {
  const std::string format = subject.format.empty() ? std::string(detect_format(file).name) : subject.format;
  if (format == servegen_texts) {
    ServeGenLengths lengths;
    static_cast<void>(read_servegen_lengths(content, lengths));
    static_cast<void>(read_servegen_windows(file));
    return;
  }
  try_format(file, format);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Subject& subject = subjects()[data[0] % subjects().size()];
  const std::string content(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto path =
      std::filesystem::temp_directory_path() / ("memwall_fuzz_" + std::to_string(getpid()) + subject.ending);
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
  try {
    try_file({path.string(), "fuzz"}, subject, content);
  } catch (const InputError&) {
    // A file may be wrong; then it is told so.
  }
  return 0;
}
