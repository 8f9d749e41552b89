// Pools with roles, routes and tiers, from the file to the records: what is refused and how, and leaps with them.
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "sim/base/error.hpp"
#include "sim/scenario/run.hpp"
#include "sim/scenario/saturation.hpp"
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

TEST_CASE("where prefill is apart from decode, no capacity is claimed") {
  const Outcome outcome = run_with("disaggregation/pull.json", {"/workload/requests=5"}, false);
  CHECK(saturation(outcome).pools.empty());
  CHECK(!saturation(outcome).load);
}

TEST_CASE("pools take what they accept, in the order of the list, and what nobody accepts is rejected") {
  RunOptions options;
  options.set = {
      "/pools=[{\"name\": \"short\", \"device\": \"h100_sxm\", \"accepts\": {\"max_input_tokens\": 3000}}, "
      "{\"name\": \"long\", \"device\": \"h100_sxm\", \"accepts\": {\"min_input_tokens\": 2500, "
      "\"max_input_tokens\": 5000}}]",
      "/workload/lengths/input={\"distribution\": \"uniform\", \"low\": 1000, \"high\": 6000}",
      "/workload/requests=100"};
  std::string csv;
  options.requests_csv = [&csv](std::string_view bytes) { csv += bytes; };
  const LoadedScenario loaded = load_scenario(path("disaggregation/mixed.json"), test::catalogue(), options);
  (void)run(loaded.scenario, test::catalogue(), loaded.build, options);
  std::istringstream lines(csv);
  std::string line;
  std::getline(lines, line);
  std::map<std::string, int> seen;
  while (std::getline(lines, line)) {
    std::vector<std::string> cells;
    std::istringstream row(line);
    for (std::string cell; std::getline(row, cell, ',');) cells.push_back(cell);
    const std::string& pool = cells.at(2);
    const int tokens = std::stoi(cells.at(8));
    INFO(line);
    // The first pool of the list wins where both accept.
    CHECK(pool == (tokens <= 3000 ? "short" : tokens <= 5000 ? "long" : ""));
    CHECK((line.find(",rejected,") != std::string::npos) == pool.empty());
    ++seen[pool];
  }
  CHECK(seen["short"] + seen["long"] + seen[""] == 100);
  CHECK(seen.size() == 3);
}
