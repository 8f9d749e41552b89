// The keys of a workload, as a scenario writes them: each accepted one acts, each impossible one is a fault.
#include <algorithm>
#include <map>

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

TEST_CASE("every process of changing rates is read, and its keys act") {
  const auto count = [](const std::string& arrivals, const std::string& more) {
    return requests_of(R"({"source": "synthetic", "arrivals": {)" + arrivals + R"(}, "lengths": {)" + plain + "}" +
                       more + "}")
        .size();
  };
  const std::string minute = R"(, "duration": "60 s")";
  const std::size_t weibull = count(R"("process": "weibull", "rate": "10 /s", "shape": 0.7)", minute);
  CHECK((weibull > 400 && weibull < 800));
  const std::size_t windows = count(R"("process": "negative_binomial", "rate": "10 /s", "dispersion": 2)", minute);
  CHECK((windows > 400 && windows < 800));
  CHECK(count(R"("process": "mmpp2", "rate": "10 /s", "other_rate": "0 /s", "sojourn": "1 h", "other_sojourn": "1 ms")",
              minute) > 400);
  const std::string day = R"("process": "diurnal", "low": "0 /s", "high": "20 /s", "period": "120 s")";
  CHECK(count(day, R"(, "duration": "10 s")") < 40);  // the quietest moment is the start
  CHECK(count(day, minute) > 400);
  CHECK(count(R"("process": "diurnal", "shape": "curve", "rates": ["20 /s", "0 /s"], "period": "20 s")",
              R"(, "duration": "10 s")") > 50);
  CHECK(count(R"("process": "ramp", "from": "1 /s", "to": "100 /s", "over": "60 s")", minute) >
        count(R"("process": "ramp", "from": "1 /s", "to": "100 /s", "over": "60 s", "shape": "exponential")", minute));
  const std::string spike = R"("process": "spike", "rate": "1 /s", "spike_rate": "50 /s", "at": "5 s", "lasts": "5 s")";
  CHECK(count(spike, minute) > 200);
  CHECK(count(spike + R"(, "every": "20 s")", minute) > 2 * count(spike, minute));
  CHECK(count(spike + R"(, "cv": 0.1)", R"(, "duration": "4.9 s")") <= 6);
  const std::string sweep =
      R"("process": "sweep", "stages": [{"rate": "5 /s", "duration": "20 s"}, {"rate": "9 /s", "duration": "20 s"}])";
  CHECK(count(sweep, "") > 200);
  CHECK(count(sweep, R"(, "requests": 7)") == 7);
}

TEST_CASE("lengths that go together and prefixes are read, and their keys act") {
  const std::string apart = R"("input": {"distribution": "normal", "mean": 50, "deviation": 5, "low": 40, "high": 60},
                               "output": {"distribution": "zipf", "exponent": 0.6, "low": 20, "high": 30})";
  for (const Request& request : requests_of(synthetic(poisson, apart))) {
    CHECK((request.input_tokens >= 40 && request.input_tokens <= 60));
    CHECK((request.output_tokens >= 20 && request.output_tokens <= 30));
  }
  const std::string uniform = R"({"distribution": "uniform", "low": 1, "high": 1000})";
  for (const Request& request :
       requests_of(synthetic(poisson, R"("drawn": "correlated", "rank_correlation": 1, "input": )" + uniform +
                                          R"(, "output": )" + uniform))) {
    CHECK(request.input_tokens == request.output_tokens);
  }
  for (const Request& request : requests_of(
           synthetic(poisson, R"("drawn": "pairs", "inputs": [7, 70], "outputs": [4, 40], "weights": [1, 3])"))) {
    CHECK(request.input_tokens * 4 == request.output_tokens * 7);
  }
  const auto prefixed = requests_of(synthetic(poisson, plain, R"(, "prefix": {"count": 2, "tokens": 100,
                                    "popularity": "zipf", "exponent": 3})"));
  CHECK(prefixed[0].input_tokens == 612);
  CHECK(prefixed[0].prompt[0].end == 100);
  CHECK(requests_of(synthetic(poisson, plain, R"(, "prefix": {"tokens": 100, "share": 0})"))[0].input_tokens == 512);
}

TEST_CASE("impossible generators are faults at their place") {
  const auto fault_of = [](const std::string& arrivals) { return faults_of(synthetic(arrivals, plain)); };
  CHECK(fault_of(R"("process": "weibull", "rate": "1 /s", "shape": 0)") == "/arrivals/shape");
  CHECK(fault_of(
            R"("process": "mmpp2", "rate": "0 /s", "other_rate": "0 /s", "sojourn": "1 s", "other_sojourn": "1 s")") ==
        "/arrivals/other_rate");
  CHECK(
      fault_of(
          R"("process": "mmpp2", "rate": "1 /h", "other_rate": "0 /s", "sojourn": "1 us", "other_sojourn": "1 us")") ==
      "/arrivals/sojourn");
  CHECK(fault_of(R"("process": "negative_binomial", "rate": "1 /s", "dispersion": 1)") == "/arrivals/dispersion");
  CHECK(fault_of(R"("process": "negative_binomial", "rate": "1 /h", "dispersion": 2, "window": "1 ms")") ==
        "/arrivals/window");
  CHECK(fault_of(R"("process": "diurnal", "low": "2 /s", "high": "1 /s")") == "/arrivals/high");
  CHECK(fault_of(R"("process": "diurnal", "shape": "curve", "rates": ["0 /s"])") == "/arrivals/rates");
  CHECK(fault_of(R"("process": "diurnal", "low": "1 /s", "high": "2 /s", "period": "0 s")") == "/arrivals/period");
  CHECK(fault_of(R"("process": "ramp", "from": "0 /s", "to": "1 /s", "over": "1 s", "shape": "exponential")") ==
        "/arrivals/from");
  CHECK(
      fault_of(
          R"("process": "spike", "rate": "1 /s", "spike_rate": "2 /s", "at": "5 s", "lasts": "5 s", "every": "9 s")") ==
      "/arrivals/every");
  CHECK(fault_of(R"("process": "sweep", "stages": [])") == "/arrivals/stages");
  CHECK(
      faults_of(
          R"({"source": "synthetic", "arrivals": {"process": "poisson", "rate": "1 /s"}, "lengths": {"input": 1, "output": 1}})") ==
      "/requests");
  CHECK(faults_of(synthetic(poisson, plain, R"(, "duration": "0 s")")) == "/duration");
  const auto length_fault = [](const std::string& lengths) { return faults_of(synthetic(poisson, lengths)); };
  CHECK(length_fault(R"("drawn": "correlated", "rank_correlation": 2, "input": 1, "output": 1)") ==
        "/lengths/rank_correlation");
  CHECK(length_fault(R"("drawn": "correlated", "rank_correlation": 0.5, "output": 1,
                        "input": {"distribution": "zipf", "exponent": 1, "low": 1, "high": 9})") == "/lengths/input");
  CHECK(length_fault(R"("drawn": "pairs", "inputs": [1, 2], "outputs": [1])") == "/lengths/outputs");
  CHECK(length_fault(R"("drawn": "pairs", "inputs": [1.5], "outputs": [1])") == "/lengths/inputs");
  CHECK(length_fault(R"("drawn": "pairs", "inputs": [1], "outputs": [1], "weights": [0])") == "/lengths/weights");
  CHECK(faults_of(synthetic(poisson, plain, R"(, "prefix": {"count": 0, "tokens": 9})")) == "/prefix/count");
  CHECK(faults_of(synthetic(poisson, plain, R"(, "prefix": {})")) == "/prefix/tokens");
}

TEST_CASE("clients and sessions are read, and their impossible keys are faults at their place") {
  const std::string traffic = R"("requests": 5, "arrivals": {)" + poisson + R"(}, "lengths": {)" + plain + "}";
  CHECK(requests_of(R"({"source": "clients", "clients": [{"name": "a", )" + traffic + R"(}, {"name": "b", )" + traffic +
                    "}]}")
            .size() == 10);
  CHECK(faults_of(R"({"source": "clients", "clients": []})") == "/clients");
  CHECK(faults_of(R"({"source": "clients", "clients": [{"name": "a", )" + traffic + R"(}, {"name": "a", )" + traffic +
                  "}]}") == "/clients");
  const auto sessions = [](const std::string& more) {
    return R"({"source": "sessions", "sessions": 3, "arrivals": {"process": "constant", "rate": "1 /s"}, "turns": 2,
              "user": 10, "answer": 20)" +
           more + "}";
  };
  CHECK(requests_of(sessions("")).size() == 6);
  CHECK(requests_of(sessions(R"(, "first": 99, "system": {"tokens": 1000})"))[0].input_tokens == 1099);
  const auto thinking = requests_of(sessions(R"(, "think": {"distribution": "lognormal", "mean": "5 s", "cv": 1})"));
  CHECK(thinking.back().arrival > Time{3'000'000'000'000});
  const std::string tools =
      R"(, "tools": {"calls": 3, "result": 7, "delay": {"distribution": "fixed", "time": "1 s"}})";
  CHECK(requests_of(sessions(tools)).size() == 24);
  CHECK(requests_of(sessions(tools + R"(, "subagents": {"share": 1, "count": 2, "task": 9, "calls": 1})")).size() ==
        24 + 3 * 2 * 3 * 2 * 2);
  CHECK(requests_of(sessions(R"(, "compaction": {"limit": 35, "summary": 3})")).size() == 9);
  CHECK(faults_of(sessions(R"(, "subagents": {"share": 1, "count": 2, "task": 9, "calls": 1})")) == "/subagents");
  CHECK(faults_of(sessions(R"(, "compaction": {"limit": 35})")) == "/compaction/summary");
  CHECK(faults_of(sessions(R"(, "think": {"distribution": "empirical", "probabilities": [0, 1], "times": ["1 s"]})")) ==
        "/think/times");
  CHECK(faults_of(sessions(R"(, "think": {"distribution": "fixed", "time": "-1 s"})")) == "/think/time");
  CHECK(faults_of(R"({"source": "sessions", "turns": 1})") == "/arrivals /sessions /user /answer");
}

TEST_CASE("rollouts are read, and their impossible keys are faults at their place") {
  const auto rollouts = [](const std::string& more) {
    return R"({"source": "rollouts", "batches": 2, "prompts": 3, "samples": 4, "cap": 100,
              "lengths": {"input": 10, "output": 500})" +
           more + "}";
  };
  CHECK(requests_of(rollouts("")).size() == 24);
  CHECK(requests_of(rollouts(""))[0].output_tokens == 100);
  CHECK(requests_of(rollouts(R"(, "partial_tokens": 60)"))[12].input_tokens == 70);
  CHECK(requests_of(rollouts(R"(, "update": {"distribution": "fixed", "time": "5 s"})")).back().arrival ==
        Time{5'000'000'000'000});
  CHECK(requests_of(rollouts(R"(, "accepted": 0.3)")).size() > 24);
  CHECK(faults_of(rollouts(R"(, "oversample": 2)")) == "/oversample");
  CHECK(faults_of(rollouts(R"(, "accepted": 0)")) == "/accepted");
  CHECK(faults_of(R"({"source": "rollouts", "batches": 1, "prompts": 9000000, "samples": 9, "cap": 1,
                      "lengths": {"input": 1, "output": 1}})") == "/samples");
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
  const std::map<std::string_view, std::string_view> keys = {{"synthetic", "requests"}, {"clients", "clients"},
                                                             {"sessions", "sessions"},  {"rollouts", "batches"},
                                                             {"preset", "preset"},      {"trace", "path"}};
  for (const SourceKind& kind : sources()) {
    const Schema schema = describe([&kind](Reader& reader) { (void)kind.read(reader); });
    INFO(kind.name);
    CHECK(schema.root().declares(keys.at(kind.name)));
  }
}
