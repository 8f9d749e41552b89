// How fast cycles are planned, priced and accounted for. Ratios between rows of one run mean something; single figures
// depend on the machine.
#include <benchmark/benchmark.h>

#include "sim/config/json_reader.hpp"
#include "sim/scenario/run.hpp"
#include "tools/catalogue.hpp"

namespace {

using namespace memwall;

/// A closed loop on Llama-3.1-70B, 4 x H100.
std::string closed_loop(std::int64_t concurrency, std::int64_t requests, const std::string& input,
                        const std::string& output) {
  return R"({"schema": 1, "model": {"config": "meta-llama/Llama-3.1-70B"}, "interconnect": "hgx_h100",
    "pools": [{"device": "h100_sxm", "parallelism": {"tensor": 4}}],
    "workload": {"source": "synthetic", "requests": )" +
         std::to_string(requests) + R"(, "arrivals": {"process": "closed_loop", "concurrency": )" +
         std::to_string(concurrency) + R"(}, "lengths": {"input": )" + input + R"(, "output": )" + output + "}}}";
}

void run_text(benchmark::State& state, const std::string& text, bool reference) {
  const Catalogue all = tools::program_catalogue();
  Scenario scenario;
  const std::vector<std::string> nowhere = {""};
  read_text(text, "bench", [&](Reader& reader) { scenario = read_scenario(reader, all, nowhere); });
  BuildOptions build;
  build.reference = reference;
  build.directories = nowhere;
  std::int64_t cycles = 0;
  std::int64_t requests = 0;
  for (auto _ : state) {
    const Outcome outcome = run(scenario, all, build, {});
    cycles += outcome.cycles;
    requests += outcome.results.requests.arrived;
  }
  state.counters["cycles/s"] = benchmark::Counter(static_cast<double>(cycles), benchmark::Counter::kIsRate);
  state.counters["requests/s"] = benchmark::Counter(static_cast<double>(requests), benchmark::Counter::kIsRate);
}

constexpr const char* spread = R"({"distribution": "lognormal", "mean": 2000, "cv": 0.8, "low": 1, "high": 20000})";

void leaping_equal_lengths(benchmark::State& state) { run_text(state, closed_loop(64, 20000, "200", "2000"), false); }
void leaping_lognormal(benchmark::State& state) { run_text(state, closed_loop(64, 20000, "200", spread), false); }
void every_cycle_with_64_sequences(benchmark::State& state) {
  run_text(state, closed_loop(64, 640, "200", "2000"), true);
}
void every_cycle_with_256_sequences(benchmark::State& state) {
  run_text(state, closed_loop(256, 1024, "200", "2000"), true);
}
void a_chunk_in_every_cycle(benchmark::State& state) { run_text(state, closed_loop(16, 4000, "60000", "8"), false); }

BENCHMARK(leaping_equal_lengths)->Unit(benchmark::kMillisecond);
BENCHMARK(leaping_lognormal)->Unit(benchmark::kMillisecond);
BENCHMARK(every_cycle_with_64_sequences)->Unit(benchmark::kMillisecond);
BENCHMARK(every_cycle_with_256_sequences)->Unit(benchmark::kMillisecond);
BENCHMARK(a_chunk_in_every_cycle)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
