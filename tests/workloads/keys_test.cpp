// The keys of a workload, as a scenario writes them: each accepted one acts, each impossible one is a fault.
#include <algorithm>

#include "sim/base/error.hpp"
#include "sim/config/json_reader.hpp"
#include "sim/config/schema.hpp"
#include "tests/catch.hpp"
#include "tests/workloads/trace_files.hpp"
#include "workloads/sources.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

/// Reads a workload as the scenario does: a tagged union over the table of sources.
std::unique_ptr<RequestSource> opened(const std::string& json) {
  std::function<std::unique_ptr<RequestSource>(const SourceContext&)> open;
  read_text(json, "workload.json", [&open](Reader& reader) {
    std::vector<Variant> variants;
    for (const SourceKind& kind : sources()) {
      variants.push_back({kind.name, kind.summary, [&open, &kind](Reader& keys) { open = kind.read(keys); }});
    }
    reader.variant("source", variants, std::nullopt, "where requests come from");
  });
  SourceContext context;
  context.base_directory = std::string(MEMWALL_SOURCE_DIR) + "/tests/workloads/data";
  return open(context);
}

std::vector<Request> requests_of(const std::string& json) { return drained(*opened(json)); }

/// Pointers of the faults of a workload, joined by blanks.
std::string faults_of(const std::string& json) {
  try {
    (void)opened(json);
  } catch (const InputError& error) {
    std::string out;
    for (const Fault& fault : error.faults()) out += (out.empty() ? "" : " ") + fault.pointer;
    return out;
  }
  return "none";
}

std::string synthetic(const std::string& arrivals, const std::string& lengths, const std::string& more = "") {
  return R"({"source": "synthetic", "requests": 20, "arrivals": {)" + arrivals + R"(}, "lengths": {)" + lengths + "}" +
         more + "}";
}

std::string azure(const std::string& more) {
  return R"({"source": "trace", "format": "azure", "path": "azure_forms.csv")" + more + "}";
}

std::string mooncake(const std::string& more) {
  return R"({"source": "trace", "format": "mooncake", "path": "mooncake_forms.jsonl")" + more + "}";
}

const std::string poisson = R"("process": "poisson", "rate": "2 /s")";
const std::string plain = R"("input": 512, "output": 128)";

}  // namespace

TEST_CASE("the example of a synthetic workload is accepted, and its lengths are plain numbers") {
  const auto requests = requests_of(synthetic(poisson, plain));
  REQUIRE(requests.size() == 20);
  CHECK(requests[0].input_tokens == 512);
  CHECK(requests[0].output_tokens == 128);
}

TEST_CASE("every arrival process and every length distribution is read") {
  CHECK(requests_of(synthetic(R"("process": "constant", "rate": "4 /s")", plain))[3].arrival.seconds() == 1);
  CHECK(requests_of(synthetic(R"("process": "closed_loop", "concurrency": 3, "delay": "10 ms")", plain))[3].arrival ==
        Time{10'000'000'000});
  CHECK(requests_of(synthetic(R"("process": "gamma", "rate": "2 /s", "cv": 3)", plain))[0].arrival !=
        requests_of(synthetic(poisson, plain))[0].arrival);
  const auto drawn = requests_of(synthetic(poisson, R"("input": {"distribution": "uniform", "low": 5, "high": 6},
                  "output": {"distribution": "lognormal", "mean": 100, "cv": 0.5, "low": 90, "high": 110})"));
  for (const Request& request : drawn) {
    CHECK(request.input_tokens >= 5);
    CHECK(request.input_tokens <= 6);
    CHECK(request.output_tokens >= 90);
    CHECK(request.output_tokens <= 110);
  }
  const auto grid = requests_of(synthetic(poisson, R"("input": {"distribution": "fixed", "tokens": 9},
                            "output": {"distribution": "empirical", "probabilities": [0, 0.5, 1], "values": [3, 3, 4]})"));
  CHECK(grid[0].input_tokens == 9);
  for (const Request& request : grid) CHECK((request.output_tokens == 3 || request.output_tokens == 4));
}

TEST_CASE("what ends an answer is a key of both sources") {
  const std::string eos = R"(, "stop": "eos", "max_tokens": 1000)";
  CHECK(requests_of(synthetic(poisson, plain, eos))[0].stops_by_eos);
  CHECK(requests_of(azure(eos))[0].stops_by_eos);
  CHECK(requests_of(azure(eos))[0].max_tokens == 1000);
  CHECK_FALSE(requests_of(azure(R"(, "stop": "length")"))[0].stops_by_eos);
  CHECK(faults_of(azure(R"(, "stop": "eos")")) == "/max_tokens");
  CHECK(faults_of(azure(R"(, "max_tokens": 9)")) == "/max_tokens");  // a length end has its own cap
}

TEST_CASE("the keys of a trace act") {
  CHECK(requests_of(azure("")).size() == 4);
  CHECK(requests_of(azure(R"(, "max_requests": 3)")).size() == 3);
  CHECK(requests_of(azure(R"(, "time_scale": 2)")).back().arrival.ps == 2'000'000'200'000);
  CHECK(requests_of(azure(R"(, "rate_scale": 2)")).back().arrival.ps == 500'000'050'000);
  CHECK(requests_of(azure(R"(, "window": {"from": "0.4 s"})")).size() == 2);
  CHECK(requests_of(azure(R"(, "window": {"from": "0.4 s", "to": "0.9 s"})")).size() == 1);
  CHECK(opened(R"({"source": "trace", "format": "azure", "path": "azure_bad_rows.csv", "keep_failed": true})")
            ->notes()
            .rows_kept == 3);
  CHECK(requests_of(mooncake(R"(, "block_size": 16)"))[1].prompt.size() == 3);
  CHECK(requests_of(mooncake(""))[1].prompt.size() == 1);
  CHECK(requests_of(mooncake(R"(, "time_unit": "us")")).back().arrival.ps == 6'999'750'000);
  CHECK(requests_of(mooncake(R"(, "spread_bins": "3 s")")).back().arrival != requests_of(mooncake("")).back().arrival);
}

TEST_CASE("impossible keys are faults at their place, all at once") {
  CHECK(faults_of(azure(R"(, "time_scale": 2, "rate_scale": 2)")) == "/rate_scale");
  CHECK(faults_of(azure(R"(, "window": {"from": "2 s", "to": "1 s"})")) == "/window/to");
  CHECK(faults_of(azure(R"(, "max_requests": 0)")) == "/max_requests");
  CHECK(faults_of(azure(R"(, "block_size": 16)")) == "/block_size");  // azure has no blocks
  CHECK(faults_of(azure(R"(, "keep_share": 0)")) == "/keep_share");
  CHECK(faults_of(azure(R"(, "concurrency": 0)")) == "/concurrency");
  CHECK(faults_of(azure(R"(, "concurrency": 4, "spread_bins": "3 s")")) == "/spread_bins");
  CHECK(faults_of(azure(R"(, "concurrency": 4, "time_scale": 2)")) == "/concurrency");
  CHECK(faults_of(azure(R"(, "sessions": "half")")) == "/sessions");
  CHECK(faults_of(mooncake(R"(, "spread_bins": "0 s")")) == "/spread_bins");
  CHECK(faults_of(R"({"source": "trace", "format": "azur", "path": "x"})") == "/format");
  CHECK(faults_of(R"({"source": "trace", "format": "azure"})") == "/path");
  CHECK(faults_of(synthetic(R"("process": "poisson", "rate": "0 /s")", plain)) == "/arrivals/rate");
  CHECK(faults_of(synthetic(R"("process": "gamma", "rate": "1 /s")", plain)) == "/arrivals/cv");
  CHECK(faults_of(synthetic(poisson, R"("input": 0, "output": 1)")) == "/lengths/input");
  CHECK(faults_of(synthetic(poisson, R"("input": {"distribution": "uniform", "low": 9, "high": 8}, "output": 1)")) ==
        "/lengths/input/high");
  CHECK(faults_of(synthetic(
            poisson,
            R"("input": {"distribution": "empirical", "probabilities": [0, 0.5], "values": [1, 2]}, "output": 1)")) ==
        "/lengths/input/probabilities");
  const std::string several =
      faults_of(R"({"source": "synthetic", "requests": -1, "arrivals": {"process": "closed_loop"},
                                            "lengths": {"input": 1}})");
  for (const char* pointer : {"/requests", "/arrivals/concurrency", "/lengths/output"}) {
    INFO(pointer);
    CHECK(several.find(pointer) != std::string::npos);
  }
}

TEST_CASE("the schema of every source can be printed without a document") {
  for (const SourceKind& kind : sources()) {
    const Schema schema = describe([&kind](Reader& reader) { (void)kind.read(reader); });
    CHECK(schema.root().declares(kind.name == "trace" ? "path" : "requests"));
  }
}
