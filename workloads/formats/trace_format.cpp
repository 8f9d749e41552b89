#include "workloads/formats/trace_format.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

#include "sim/base/error.hpp"
#include "workloads/formats/azure.hpp"
#include "workloads/formats/bailian.hpp"
#include "workloads/formats/burstgpt.hpp"
#include "workloads/formats/exgentic.hpp"
#include "workloads/formats/length_rows.hpp"
#include "workloads/formats/llmservingsim.hpp"
#include "workloads/formats/mooncake.hpp"
#include "workloads/formats/otel.hpp"
#include "workloads/formats/own_trace.hpp"
#include "workloads/formats/servegen.hpp"
#include "workloads/formats/splitwise.hpp"
#include "workloads/formats/tracelab.hpp"
#include "workloads/formats/tracelab_replay.hpp"
#include "workloads/formats/vidur.hpp"
#include "workloads/formats/vtc.hpp"
#include "workloads/formats/weka.hpp"

namespace memwall {
namespace {

/// What is looked at to find a format: the header of a CSV file, the first objects of a JSON one.
constexpr std::size_t beginning_bytes = std::size_t{64} << 10;

std::string beginning_of(const TraceFile& file) {
  InputFile input(file);
  std::string out(beginning_bytes, '\0');
  out.resize(input.read(out.data(), out.size()));
  return out;
}

/// The file that speaks for a folder: its first one of a kind that can be a trace.
TraceFile representative(const TraceFile& file) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (!fs::is_directory(file.path, error)) return file;
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(file.path, error)) {
    const std::string name = plain_name({entry.path().string(), ""});
    if (name.ends_with(".csv") || name.ends_with(".json") || name.ends_with(".jsonl")) {
      names.push_back(entry.path().filename().string());
    }
  }
  if (names.empty()) {
    throw InputError({Fault{file.label, 0, "", "is a folder without files that end in .csv, .json or .jsonl"}});
  }
  std::sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
    const bool client_a = a.find("-trace.csv") != std::string::npos;
    const bool client_b = b.find("-trace.csv") != std::string::npos;
    return client_a != client_b ? client_a : a < b;
  });
  return {(fs::path(file.path) / names.front()).string(), (fs::path(file.label) / names.front()).string()};
}

}  // namespace

std::span<const TraceFormat> trace_formats() {
  // Where one format's files would also do for another, the narrower one comes first.
  static constexpr std::array<TraceFormat, 16> formats = {{
      {"memwall", "JSON Lines of memwall itself: what `memwall trace convert` writes", read_own_trace_keys,
       recognise_own_trace},
      {"azure", "CSV with TIMESTAMP (wall clock), ContextTokens, GeneratedTokens: the Azure LLM inference traces",
       read_azure_keys, recognise_azure},
      {"burstgpt", "CSV with Timestamp (s), Model, Request tokens, Response tokens: BurstGPT, releases 1 to 3",
       read_burstgpt_keys, recognise_burstgpt},
      {"bailian", "JSON Lines with chat_id, parent_chat_id, timestamp (s), hash_ids of 16 tokens: the Qwen traces",
       read_bailian_keys, recognise_bailian},
      {"mooncake",
       "JSON Lines with timestamp, input_length, output_length, hash_ids: the Mooncake traces, and sessions",
       read_mooncake_keys, recognise_mooncake},
      {"weka", "JSON documents of coding agents' conversations with 64-token blocks and subagents; a file or a folder",
       read_weka_keys, recognise_weka},
      {"servegen", "ServeGen's clients: NAME-trace.csv with NAME-dataset.json beside it, or a folder of them",
       read_servegen_keys, recognise_servegen},
      {"vidur", "CSV with arrived_at (s), num_prefill_tokens, num_decode_tokens", read_vidur_keys, recognise_vidur},
      {"lengths", "CSV with num_prefill_tokens, num_decode_tokens and no times: a distribution of lengths",
       read_lengths_keys, recognise_lengths},
      {"splitwise", "CSV with arrival_timestamp (s), prompt_size, token_size: splitwise-sim", read_splitwise_keys,
       recognise_splitwise},
      {"tracelab", "JSON Lines with a round of a coding agent each: TraceLab", read_tracelab_keys, recognise_tracelab},
      {"tracelab_replay", "CSV with session_id, round_idx, prefix_len, input_len, output_len, tool_wait_after_ms",
       read_tracelab_replay_keys, recognise_tracelab_replay},
      {"otel", "OpenTelemetry spans with gen_ai.* attributes, as JSON; a file or a folder", read_otel_keys,
       recognise_otel},
      {"exgentic", "JSON Lines of agents' spans with session_id, start_time_s, end_time_s: Exgentic, normalised",
       read_exgentic_keys, recognise_exgentic},
      {"vtc", "CSV with adapter_dir (the tenant), prompt_len, output_len, req_time (s): the VTC paper's arena trace",
       read_vtc_keys, recognise_vtc},
      {"llmservingsim", "JSON Lines with input_toks, output_toks, arrival_time_ns, or sessions with sub_requests",
       read_llmservingsim_keys, recognise_llmservingsim},
  }};
  return formats;
}

const TraceFormat& trace_format(std::string_view name) {
  std::string known;
  for (const TraceFormat& format : trace_formats()) {
    if (format.name == name) return format;
    known += (known.empty() ? "" : ", ") + std::string(format.name);
  }
  throw InputError("there is no trace format `" + std::string(name) + "`; known are " + known);
}

const TraceFormat& detect_format(const TraceFile& file) {
  const TraceFile sample = representative(file);
  const std::string beginning = beginning_of(sample);
  const std::string name = plain_name(sample);
  std::string tried;
  for (const TraceFormat& format : trace_formats()) {
    if (format.recognise(name, beginning)) return format;
    tried += (tried.empty() ? "" : ", ") + std::string(format.name);
  }
  std::string first = beginning.substr(0, std::min<std::size_t>(beginning.find_first_of("\r\n"), 120));
  for (char& c : first) {
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) c = '?';
  }
  throw InputError({Fault{sample.label, 1, "",
                          "is of no known trace format; it begins with `" + first + "`, and tried were " + tried +
                              ". Name the format with --format where it is one of them"}});
}

}  // namespace memwall
