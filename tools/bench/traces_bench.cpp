// How fast traces are read: rows and lines in a second, on one core. Files are made up, in the temporary folder.
#include <benchmark/benchmark.h>

#include <filesystem>
#include <fstream>

#include "sim/base/random.hpp"
#include "sim/config/json_reader.hpp"
#include "workloads/replay/trace_source.hpp"

namespace {

using namespace memwall;

TraceFile written(const std::string& name, const std::function<void(std::ofstream&)>& write) {
  const auto path = std::filesystem::temp_directory_path() / name;
  std::ofstream out(path, std::ios::binary);
  write(out);
  return {path.string(), name};
}

std::int64_t drawn(std::int64_t row, std::uint64_t index, std::int64_t most) {
  return static_cast<std::int64_t>(random_bits({1, 0, static_cast<std::uint64_t>(row), Purpose::test}, index) %
                                   static_cast<std::uint64_t>(most));
}

/// Rows as those of the Azure trace of 2024, about eight a second.
TraceFile azure_file(std::int64_t rows) {
  return written("memwall_bench_azure.csv", [rows](std::ofstream& out) {
    out << "TIMESTAMP,ContextTokens,GeneratedTokens\n";
    char line[96];
    for (std::int64_t i = 0; i < rows; ++i) {
      const std::int64_t ms = i * 120;
      std::snprintf(line, sizeof line, "2024-05-%02d %02d:%02d:%02d.%06d+00:00,%d,%d\n",
                    static_cast<int>(12 + ms / 86400000), static_cast<int>(ms / 3600000 % 24),
                    static_cast<int>(ms / 60000 % 60), static_cast<int>(ms / 1000 % 60),
                    static_cast<int>(ms % 1000 * 1000), static_cast<int>(1 + drawn(i, 0, 4000)),
                    static_cast<int>(1 + drawn(i, 1, 500)));
      out << line;
    }
  });
}

/// Lines as those of the Mooncake conversation trace: 24 ids of blocks each, in the mean.
TraceFile mooncake_file(std::int64_t rows) {
  return written("memwall_bench_mooncake.jsonl", [rows](std::ofstream& out) {
    for (std::int64_t i = 0; i < rows; ++i) {
      const std::int64_t blocks = 1 + drawn(i, 0, 47);
      out << "{\"timestamp\": " << i / 10 * 3000 << ", \"input_length\": " << blocks * 512
          << ", \"output_length\": " << 1 + drawn(i, 1, 600) << ", \"hash_ids\": [0";
      for (std::int64_t k = 1; k < blocks; ++k) out << ", " << i * 24 + k;
      out << "]}\n";
    }
  });
}

TraceOptions options_of(const TraceFile& file, std::string_view format) {
  TraceOptions options;
  options.file = file;
  read_text("{}", "bench", [&](Reader& reader) { options.open = trace_format(format).read(reader); });
  return options;
}

void read_rows(benchmark::State& state, const TraceOptions& options) {
  std::int64_t rows = 0;
  for (auto _ : state) {
    const auto reader = options.rows();
    TraceRow row;
    while (reader->next(row)) ++rows;
  }
  state.counters["rows/s"] = benchmark::Counter(static_cast<double>(rows), benchmark::Counter::kIsRate);
}

/// Both passes, to the last request.
void replay(benchmark::State& state, const TraceOptions& options) {
  std::int64_t rows = 0;
  for (auto _ : state) {
    const auto source = replay_trace(options, {});
    while (!source->exhausted()) {
      const Request request = source->pop();
      source->ended(request, request.arrival);
      ++rows;
    }
  }
  state.counters["rows/s"] = benchmark::Counter(static_cast<double>(rows), benchmark::Counter::kIsRate);
}

void azure_rows(benchmark::State& state) { read_rows(state, options_of(azure_file(500'000), "azure")); }
void azure_replay(benchmark::State& state) { replay(state, options_of(azure_file(500'000), "azure")); }
void mooncake_lines(benchmark::State& state) { read_rows(state, options_of(mooncake_file(100'000), "mooncake")); }
void mooncake_replay(benchmark::State& state) { replay(state, options_of(mooncake_file(100'000), "mooncake")); }

BENCHMARK(azure_rows)->Unit(benchmark::kMillisecond);
BENCHMARK(azure_replay)->Unit(benchmark::kMillisecond);
BENCHMARK(mooncake_lines)->Unit(benchmark::kMillisecond);
BENCHMARK(mooncake_replay)->Unit(benchmark::kMillisecond);

}  // namespace
