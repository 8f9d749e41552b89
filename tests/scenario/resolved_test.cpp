// A report is a scenario: what summary.json says was run gives the same run again.
#include "sim/scenario/resolved.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "sim/base/error.hpp"
#include "tests/catch.hpp"
#include "tests/scenario/program.hpp"

using namespace memwall;

namespace {

namespace fs = std::filesystem;

std::string written(const std::string& name, const std::string& text) {
  const fs::path folder = fs::path(MEMWALL_BINARY_DIR) / "resolved_test";
  fs::create_directories(folder);
  const fs::path path = folder / name;
  std::ofstream(path, std::ios::binary) << text;
  return path.string();
}

/// Runs a scenario, the scenario in its report, and the report itself: all have the same digest, and what is resolved
/// has nothing left to resolve.
void check_report(const std::string& name, const test::Finished& first) {
  INFO(name);
  const std::vector<std::string> search = {test::scenario_folder()};
  const std::string resolved = test::json_of(resolved_scenario(first.loaded, first.outcome.built));
  INFO(resolved);
  const test::Finished again = test::run_scenario(written(name, resolved), {}, search);
  CHECK(again.outcome.results.digest == first.outcome.results.digest);
  CHECK(again.outcome.results.requests.arrived == first.outcome.results.requests.arrived);
  CHECK(test::json_of(resolved_scenario(again.loaded, again.outcome.built)) == resolved);

  const std::string summary = summary_json(first.loaded, first.outcome, "test");
  const test::Finished report = test::run_scenario(written("summary_" + name, summary), {}, search);
  CHECK(report.outcome.results.digest == first.outcome.results.digest);
}

const json::Node& at(const json::Node& root, const std::vector<std::string>& path) {
  const json::Node* node = &root;
  for (const std::string& key : path) {
    node = node->kind == json::Kind::list ? &node->items.at(std::stoul(key)) : node->find(key);
    INFO(key);
    REQUIRE(node != nullptr);
  }
  return *node;
}

}  // namespace

TEST_CASE("every scenario of the project can be run from its report") {
  int ran = 0;
  for (const auto& entry : fs::directory_iterator(test::scenario_folder())) {
    if (entry.path().extension() != ".json" || entry.path().stem().extension() == ".expect") continue;
    const std::string name = entry.path().filename().string();
    try {
      const LoadedScenario loaded = load_scenario(entry.path().string(), test::catalogue(), {});
      (void)build(loaded.scenario, test::catalogue(), loaded.build);
    } catch (const InputError& error) {
      // The traces of some scenarios are made and not kept.
      if (std::string(error.what()).find("there is no such trace file") == std::string::npos) throw;
      std::cout << "SKIPPED: " << name << " needs a trace that is not there\n";
      continue;
    }
    check_report(name, test::run_scenario(entry.path().string()));
    ++ran;
  }
  CHECK(ran > 0);
}

TEST_CASE("edits and the seed of the command line are part of what was run") {
  RunOptions options;
  options.seed = 77;
  options.set = {"/workload/requests=200",
                 R"(/workload/arrivals={"process": "gamma", "rate": "30 /s", "cv": 1.7})",
                 R"(/workload/lengths={"input": {"distribution": "lognormal", "mean": 900, "cv": 1.1, "high": 6000},
                            "output": {"distribution": "uniform", "low": 1, "high": 300}})",
                 "/workload/stop=eos",
                 "/workload/max_tokens=200",
                 "/pools/0/engine/async_scheduling=false",
                 "/pools/0/engine/watermark=0.07",
                 "/pools/0/engine/max_model_len=8192",
                 "/pools/0/engine/gpu_memory_utilization=0.33"};
  const test::Finished first = test::run_scenario(test::quickstart(), options);
  const json::Node resolved = resolved_scenario(first.loaded, first.outcome.built);
  CHECK(at(resolved, {"seed"}).integer == 77);
  CHECK(at(resolved, {"workload", "arrivals", "rate"}).text == "30 /s");
  CHECK(at(resolved, {"workload", "lengths", "input", "low"}).integer == 1);
  CHECK(at(resolved, {"pools", "0", "engine", "schedule_time"}).text == "1.5 ms");
  check_report("edited.json", first);
}

TEST_CASE("a seed that no scenario could hold is refused") {
  RunOptions options;
  options.seed = std::uint64_t{1} << 63;
  CHECK_THROWS_AS(load_scenario(test::quickstart(), test::catalogue(), options), InputError);
}

TEST_CASE("defaults that depend on the device and the model stand in the report") {
  const std::string path = written("two_models.json", R"({
    "schema": 1,
    "models": {"small": {"config": "meta-llama/Llama-3.2-1B"},
               "large": {"config": "meta-llama/Llama-3.1-8B", "weights": "fp8", "kv_cache": "fp8"}},
    "pools": [{"name": "a", "device": "a100_sxm_80", "model": "small"},
              {"name": "b", "device": "h100_sxm", "model": "large", "parallelism": {"tensor": 2},
               "engine": {"max_num_seqs": 32, "max_model_len": 4096}}],
    "interconnect": "hgx_h100",
    "workloads": [{"source": "synthetic", "requests": 40, "arrivals": {"process": "closed_loop", "concurrency": 4},
                   "lengths": {"input": 300, "output": 20}},
                  {"tenant": "t", "source": "synthetic", "requests": 40, "arrivals": {"process": "constant",
                   "rate": "9 /s"}, "lengths": {"input": 30, "output": {"distribution": "fixed", "tokens": 25}},
                   "slo": {"ttft": {"p99": "1 s"}}}]
  })");
  const test::Finished first = test::run_scenario(path);
  const json::Node resolved = resolved_scenario(first.loaded, first.outcome.built);
  const BuiltPool& a = first.outcome.built.pools[0];
  CHECK(at(resolved, {"models", "small", "weights"}).text == name(a.model.declared_weights));
  CHECK(at(resolved, {"models", "small", "kv_cache"}).text == "bf16");
  CHECK(at(resolved, {"models", "large", "kv_cache"}).text == "fp8");
  CHECK(at(resolved, {"pools", "0", "engine", "max_num_seqs"}).integer == a.device->info().default_max_num_seqs);
  CHECK(at(resolved, {"pools", "0", "engine", "max_num_batched_tokens"}).integer ==
        a.device->info().default_max_num_batched_tokens);
  CHECK(at(resolved, {"pools", "0", "engine", "max_model_len"}).integer == a.model.max_position);
  CHECK(at(resolved, {"pools", "1", "engine", "max_num_seqs"}).integer == 32);
  CHECK(at(resolved, {"pools", "1", "engine", "max_model_len"}).integer == 4096);
  // What is derived from the rest is not fixed: a change of the report's memory share must still change the blocks.
  CHECK(at(resolved, {"pools", "1", "engine"}).find("num_gpu_blocks_override") == nullptr);
  check_report("two_models_resolved.json", first);
}

TEST_CASE("keys that are planned and not built are refused in their own words") {
  const auto refusal = [](const std::vector<std::string>& edits) {
    RunOptions options;
    options.set = edits;
    try {
      (void)load_scenario(test::quickstart(), test::catalogue(), options);
    } catch (const InputError& error) {
      REQUIRE(error.faults().size() == edits.size());
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  for (const std::string edit :
       {"/tiers=[]", "/faults=[]", "/pools/0/groups=[]", "/pools/0/role=draft", "/pools/0/parallelism/pipeline=2",
        "/pools/0/parallelism/context=2", "/pools/0/parallelism/sequence=2", "/pools/0/engine/kind=sglang"}) {
    const std::string message = refusal({edit});
    INFO(edit << " -> " << message);
    CHECK(message.find("planned and not built yet") != std::string::npos);
    CHECK(message.find("unknown") == std::string::npos);
  }
  CHECK(refusal({"/tiers=[]", "/faults=[]", "/pools/0/role=draft"}).find("\n") != std::string::npos);
  CHECK(refusal({"/pools/0/role=mixd"}).find("did you mean \"mixed\"") != std::string::npos);
  CHECK(refusal({"/teirs=[]"}).find("unknown key") != std::string::npos);
}
