// How fast requests are made. The engine is not involved: each request ends when it arrives.
#include <benchmark/benchmark.h>

#include "sim/config/json_reader.hpp"
#include "workloads/sources.hpp"

namespace {

using namespace memwall;

void generate(benchmark::State& state, const std::string& text) {
  std::function<std::unique_ptr<RequestSource>(const SourceContext&)> open;
  read_text(text, "bench", [&open](Reader& reader) {
    std::vector<Variant> variants;
    for (const SourceKind& kind : sources()) {
      variants.push_back({kind.name, kind.summary, [&open, &kind](Reader& keys) { open = kind.read(keys); }});
    }
    reader.variant("source", variants, std::nullopt, "");
  });
  const auto source = open(SourceContext{});
  for (auto _ : state) {
    const Request request = source->pop();
    source->ended(request, request.arrival);
    benchmark::DoNotOptimize(request.input_tokens);
  }
  state.counters["requests/s"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

std::string synthetic(const std::string& arrivals, const std::string& lengths, const std::string& more = "") {
  return R"({"source": "synthetic", "requests": 100000000, "arrivals": {)" + arrivals + R"(}, "lengths": {)" + lengths +
         "}" + more + "}";
}

const std::string poisson = R"("process": "poisson", "rate": "100 /s")";
const std::string fixed = R"("input": 512, "output": 128)";

BENCHMARK_CAPTURE(generate, poisson_fixed, synthetic(poisson, fixed));
BENCHMARK_CAPTURE(generate, gamma_fixed, synthetic(R"("process": "gamma", "rate": "100 /s", "cv": 2)", fixed));
BENCHMARK_CAPTURE(generate, mmpp2_fixed,
                  synthetic(R"("process": "mmpp2", "rate": "200 /s", "other_rate": "10 /s", "sojourn": "9 s",
                              "other_sojourn": "9 s")",
                            fixed));
BENCHMARK_CAPTURE(generate, diurnal_fixed,
                  synthetic(R"("process": "diurnal", "low": "50 /s", "high": "150 /s")", fixed));
BENCHMARK_CAPTURE(generate, poisson_lognormal,
                  synthetic(poisson, R"("input": {"distribution": "lognormal", "mean": 500, "cv": 1},
                                        "output": {"distribution": "lognormal", "mean": 200, "cv": 1})"));
BENCHMARK_CAPTURE(generate, poisson_zipf_prefixes,
                  synthetic(poisson, fixed, R"(, "prefix": {"count": 1000, "tokens": 500, "popularity": "zipf"})"));
BENCHMARK_CAPTURE(generate, agents,
                  R"({"source": "sessions", "sessions": 100000000, "arrivals": {"process": "closed_loop",
                      "concurrency": 100}, "system": {"tokens": 1000}, "turns": 5, "user": 100, "answer": 200,
                      "think": {"distribution": "exponential", "mean": "1 ms"}, "tools": {"calls": 4, "result": 300}})");

}  // namespace
