// Pools with roles, routes and tiers, from the file to the records: what is refused and how, and leaps with them.
#include <string>
#include <vector>

#include "sim/base/error.hpp"
#include "sim/scenario/run.hpp"
#include "tests/catch.hpp"
#include "tests/scenario/program.hpp"

using namespace memwall;

namespace {

std::string path(const std::string& name) { return std::string(MEMWALL_SOURCE_DIR) + "/scenarios/" + name; }

/// What the scenario with these edits is refused with, from the place of the first fault on; empty where it is built.
std::string refusal(const std::string& name, const std::vector<std::string>& edits) {
  RunOptions options;
  options.set = edits;
  try {
    const LoadedScenario loaded = load_scenario(path(name), test::catalogue(), options);
    (void)build(loaded.scenario, test::catalogue(), loaded.build);
  } catch (const InputError& error) {
    std::string all;
    for (const Fault& fault : error.faults()) all += (all.empty() ? "" : "\n") + fault.message;
    return all;
  }
  return "";
}

Outcome run_with(const std::string& name, std::vector<std::string> edits, bool reference) {
  RunOptions options;
  options.set = std::move(edits);
  options.reference = reference;
  const LoadedScenario loaded = load_scenario(path(name), test::catalogue(), options);
  return run(loaded.scenario, test::catalogue(), loaded.build, options);
}

}  // namespace

TEST_CASE("roles that do not fit together are refused with what would be right") {
  CHECK(refusal("disaggregation/pull.json", {}) == "");
  CHECK(refusal("disaggregation/pull.json", {"/pools/1/role=prefill"}) ==
        "pool \"decode\" only prefills, and no pool of role \"decode\" takes the same requests: add one, or make its "
        "role \"mixed\"");
  CHECK(refusal("disaggregation/pull.json", {"/pools/0/role=decode"}) ==
        "pool \"decode\" only decodes, and no pool of role \"prefill\" takes the same requests: add one, or make its "
        "role \"mixed\"");
  CHECK(refusal("disaggregation/pull.json", {"/pools/0/role=mixed"}) ==
        "pool \"prefill\" takes the same requests as pools of another role; pools that prefill and decode together "
        "need an \"accepts\" of their own beside pools that do one of the two");
  CHECK(refusal("disaggregation/mixed.json", {"/kv_transfer={\"bandwidth\": \"50 GB/s\"}"}) ==
        "changes nothing: no pool has the role \"prefill\" or \"decode\"");
  CHECK(refusal("disaggregation/pull.json", {"/kv_transfer/bandwidth=0 GB/s"}) ==
        "must be above zero: the decode pool could not be reached");
}

TEST_CASE("a decode pool that cannot hold what the prefill pool takes is refused") {
  CHECK(refusal("disaggregation/pull.json", {"/pools/1/engine/max_model_len=8192"}) ==
        "pools \"prefill\" and \"decode\": the first takes requests of up to 16384 tokens (max_model_len), the second "
        "holds at most 8192: set the same max_model_len, which the second can hold");
}

TEST_CASE("tiers that could hold or give nothing are refused") {
  CHECK(refusal("kv/host_memory.json", {}) == "");
  CHECK(refusal("kv/host_memory.json", {"/pools/0/kv_tiers/0/capacity=2 MB"}) ==
        "pool \"chat\": the tier \"host_memory\" of 2 MB holds less than one block of the cache, which takes 2.09715 "
        "MB: give it more, or leave it out");
  CHECK(refusal("kv/host_memory.json", {"/pools/0/kv_tiers/0/bandwidth=0 GB/s"}) ==
        "must be above zero: the store could not be reached");
  CHECK(refusal("kv/host_memory.json", {"/pools/0/engine/scheduler_reserve_full_isl=false"}) ==
        "pool \"chat\": \"kv_tiers\" needs \"scheduler_reserve_full_isl\" of the engine to be true");
  CHECK(refusal("kv/hbm_only.json", {"/pools/0/kv_offload={}"}) == "changes nothing: the pool has no \"kv_tiers\"");
}

TEST_CASE("leap equals reference with tiers, and with prefill apart from decode") {
  for (const std::string name :
       {"kv/host_and_nvme.json", "kv/slow_store.json", "kv/prefix_router.json", "disaggregation/pull.json",
        "disaggregation/push.json", "disaggregation/slow_link.json"}) {
    INFO(name);
    const std::vector<std::string> edits = {"/workload/requests=60"};
    CHECK(run_with(name, edits, false).results.digest == run_with(name, edits, true).results.digest);
  }
}

TEST_CASE("pools take what they accept, in the order of the list, and what nobody accepts is rejected") {
  const std::vector<std::string> edits = {
      "/pools/0/accepts={\"max_input_tokens\": 3000}",
      "/pools/1={\"name\": \"long\", \"device\": \"h100_sxm\", \"accepts\": {\"min_input_tokens\": 3001, "
      "\"max_input_tokens\": 5000}, \"engine\": {\"max_model_len\": 16384}}",
      "/workload/lengths/input={\"distribution\": \"uniform\", \"low\": 1000, \"high\": 6000}",
      "/workload/requests=100"};
  const Outcome outcome = run_with("disaggregation/mixed.json", edits, false);
  const Results& results = outcome.results;
  CHECK(results.requests.arrived == 100);
  CHECK(results.requests.of(Status::rejected) > 5);
  CHECK(results.pools[0].computed.prefill > 0);
  CHECK(results.pools[1].computed.prefill > 0);
  // Prompts of the second pool are longer than 3,000 tokens and at most 5,000.
  CHECK(results.requests.of(Status::completed) + results.requests.of(Status::rejected) == 100);
}
