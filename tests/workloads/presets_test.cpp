// Presets against the definitions of the benchmarks that they name (docs/generators.md has the sources).
#include "workloads/generators/presets.hpp"

#include <algorithm>
#include <map>

#include "sim/base/error.hpp"
#include "sim/config/json_reader.hpp"
#include "tests/catch.hpp"
#include "tests/workloads/sampling.hpp"
#include "tests/workloads/trace_files.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

struct Read {
  std::unique_ptr<RequestSource> source;
  json::Node resolved;
};

Read read(const std::string& keys) {
  std::function<std::unique_ptr<RequestSource>(const SourceContext&)> open;
  const Document document = Document::parse("{" + keys + "}", "preset.json");
  Read out;
  out.resolved = document.read([&open](Reader& reader) { open = read_preset_source(reader); }).resolved;
  out.source = open(SourceContext{});
  return out;
}

std::vector<Request> requests_of(const std::string& name, const std::string& more = "") {
  return drained(*read(R"("preset": ")" + name + "\"" + more).source);
}

std::string faults_of(const std::string& keys) {
  try {
    (void)read(keys);
  } catch (const InputError& error) {
    std::string out;
    for (const Fault& fault : error.faults()) out += (out.empty() ? "" : " ") + fault.pointer;
    return out;
  }
  return "none";
}

std::vector<double> inputs(const std::vector<Request>& requests) {
  std::vector<double> out;
  for (const Request& request : requests) out.push_back(static_cast<double>(request.input_tokens));
  return out;
}

std::vector<double> outputs(const std::vector<Request>& requests) {
  std::vector<double> out;
  for (const Request& request : requests) out.push_back(static_cast<double>(request.output_tokens));
  return out;
}

void check_range(const std::vector<double>& values, double low, double high) {
  CHECK(*std::min_element(values.begin(), values.end()) == low);
  CHECK(*std::max_element(values.begin(), values.end()) == high);
  check_mean("mean", values, (low + high) / 2);
}

/// How often each prefix was asked.
std::map<std::uint64_t, std::int64_t> groups(const std::vector<Request>& requests) {
  std::map<std::uint64_t, std::int64_t> out;
  for (const Request& request : requests) ++out[request.prompt.at(0).stream];
  return out;
}

}  // namespace

TEST_CASE("InferenceX draws lengths from eight tenths of its length on, in a closed loop") {
  const std::string many = R"(, "requests": 50000)";
  check_range(inputs(requests_of("inferencex_1k_1k", many)), 819, 1024);
  check_range(outputs(requests_of("inferencex_1k_8k", many)), 6553, 8192);
  check_range(inputs(requests_of("inferencex_8k_1k", many)), 6553, 8192);
  CHECK(requests_of("inferencex_8k_1k", R"(, "concurrency": 7)").size() == 70);
  CHECK(read(R"("preset": "inferencex_8k_1k")").source->closed_loop());
}

TEST_CASE("MLPerf's scenarios have its numbers of samples and tokens, and wait for what is not published") {
  const std::map<std::string, std::pair<std::size_t, std::int64_t>> models = {{"llama2_70b", {24576, 294}},
                                                                              {"mixtral_8x7b", {15000, 145}},
                                                                              {"llama3.1_405b", {8313, 685}},
                                                                              {"deepseek_r1", {4388, 3886}}};
  for (const auto& [model, expected] : models) {
    const auto offline = requests_of("mlperf_offline_" + model, R"(, "input": 300)");
    CHECK(offline.size() == expected.first);
    CHECK(offline.back().output_tokens == expected.second);
    CHECK(offline.back().arrival == Time{});
    const auto server = requests_of("mlperf_server_" + model, R"(, "input": 300, "rate": "10 /s")");
    CHECK(server.size() == expected.first);
    CHECK(server.back().arrival.seconds() ==
          Approx(static_cast<double>(expected.first) / 10).epsilon(5 / std::sqrt(static_cast<double>(expected.first))));
    CHECK(faults_of(R"("preset": "mlperf_server_)" + model + "\"") == "/rate /input");
  }
  CHECK(requests_of("mlperf_offline_gpt_oss_120b", R"(, "input": 9, "output": 9)").size() == 6396);
  CHECK(faults_of(R"("preset": "mlperf_offline_llama3.1_8b")") == "/input /output");
  CHECK(requests_of("mlperf_offline_llama3.1_8b", R"(, "input": 9, "output": 9)").size() == 13368);
}

TEST_CASE("vLLM's and SGLang's generators have their defaults, with prefixes asked equally often") {
  const auto random = requests_of("vllm_random");
  CHECK(random.size() == 1000);
  CHECK(random[0].input_tokens == 1024);
  CHECK(random[0].output_tokens == 128);
  CHECK(random.back().arrival == Time{});
  CHECK(requests_of("vllm_random", R"(, "rate": "5 /s")").back().arrival.seconds() == Approx(200).epsilon(0.16));

  const auto repeated = requests_of("vllm_prefix_repetition");
  CHECK(repeated[0].input_tokens == 512);
  CHECK(groups(repeated).size() == 10);
  for (const auto& [stream, count] : groups(repeated)) CHECK(count == 100);

  const auto shared = requests_of("sglang_generated_shared_prefix");
  CHECK(shared.size() == 1024);
  CHECK(shared[0].input_tokens == 2048 + 128);
  CHECK(shared[0].output_tokens == 256);
  CHECK(groups(shared).size() == 64);
  for (const auto& [stream, count] : groups(shared)) CHECK(count == 16);
  CHECK(groups(requests_of("sglang_generated_shared_prefix", R"(, "prefix": {"count": 8})")).size() == 8);
}

TEST_CASE("guidellm's presets are normal around their means, inside their bounds, at a load to be chosen") {
  const auto chat = requests_of("guidellm_chat", R"(, "rate": "100 /s", "requests": 20000)");
  check_mean("chat", inputs(chat), 512);
  check_mean("chat", outputs(chat), 256);
  const auto rag = requests_of("guidellm_rag", R"(, "concurrency": 4, "requests": 20000)");
  check_mean("rag", inputs(rag), 4096);
  for (const double tokens : inputs(rag)) CHECK((tokens >= 2048 && tokens <= 6144));
  CHECK(faults_of(R"("preset": "guidellm_chat")") == "/rate");
  CHECK(faults_of(R"("preset": "guidellm_chat", "rate": "1 /s", "concurrency": 4)") == "/concurrency");
  CHECK(faults_of(R"("preset": "guidellm_chat", "rate": "0 /s")") == "/rate");
}

TEST_CASE("a report shows all numbers of a preset, and each may be given in its place") {
  json::Node resolved = read(R"("preset": "inferencex_8k_1k")").resolved;
  CHECK(resolved.find("concurrency")->integer == 64);
  CHECK(resolved.find("requests")->integer == 640);
  CHECK(resolved.find("input")->find("low")->integer == 6553);
  CHECK(resolved.find("output")->find("high")->integer == 1024);
  for (const Request& request : requests_of("inferencex_8k_1k", R"(, "input": {"low": 8000, "high": 8001})")) {
    CHECK(request.input_tokens >= 8000);
    CHECK(request.input_tokens <= 8001);
  }
  CHECK(faults_of(R"("preset": "inferencex_8k_1k", "input": {"low": 9000})") == "/input/high");
  CHECK(faults_of(R"("preset": "inferencex_8k_2k")") == "/preset");
}

TEST_CASE("every preset can be run, and no two have one name") {
  std::map<std::string_view, int> names;
  for (const Preset& preset : presets()) {
    INFO(preset.name);
    CHECK(++names[preset.name] == 1);
    std::string more = R"(, "requests": 50)";
    if (preset.load == Load::poisson || preset.load == Load::to_be_chosen) more += R"(, "rate": "10 /s")";
    if (!preset.input) more += R"(, "input": 100)";
    if (!preset.output) more += R"(, "output": 100)";
    CHECK(requests_of(std::string(preset.name), more).size() == 50);
  }
}
