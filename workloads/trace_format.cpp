#include "workloads/trace_format.hpp"

#include <array>

#include "sim/base/error.hpp"
#include "workloads/azure.hpp"
#include "workloads/mooncake.hpp"

namespace memwall {

std::span<const TraceFormat> trace_formats() {
  static constexpr std::array<TraceFormat, 2> formats = {{
      {"azure", "CSV with TIMESTAMP (wall clock), ContextTokens, GeneratedTokens: the Azure LLM inference traces",
       azure_keys, read_azure_keys},
      {"mooncake",
       "JSON Lines with timestamp, input_length, output_length, hash_ids: the Mooncake traces, and sessions",
       mooncake_keys, read_mooncake_keys},
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

}  // namespace memwall
