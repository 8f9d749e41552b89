// Numbers of a device that a scenario states in place of the file's.
#include "sim/scenario/device_values.hpp"

#include <fmt/format.h>

#include "tests/catch.hpp"
#include "tests/laws/runs.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

LoadedScenario loaded_with(const std::string& pool) {
  return scenario_of(fmt::format(R"({{ "schema": 1, "model": {{ "config": "meta-llama/Llama-3.1-8B" }},
    "pools": [ {{ "name": "p", "device": "etched_sohu"{} }} ],
    "workload": {{ "source": "synthetic", "requests": 20, "arrivals": {{ "process": "closed_loop", "concurrency": 4 }},
                  "lengths": {{ "input": 300, "output": 50 }} }} }})",
                                 pool));
}

Outcome ran(const std::string& pool) {
  const LoadedScenario loaded = loaded_with(pool);
  return run(loaded.scenario, tools::program_catalogue(), loaded.build, {});
}

std::string refusal(const std::string& values) {
  try {
    (void)ran(R"(, "device_values": )" + values);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a value that is the file's own changes no record, and another one does") {
  const auto digest = [](const std::string& bandwidth) {
    return ran(R"(, "device_values": {"/bandwidth": {"value": ")" + bandwidth + "\"}}").results.digest;
  };
  CHECK(digest("4.8 TB/s") == ran("").results.digest);
  CHECK(digest("4800 GB/s") == ran("").results.digest);
  CHECK(digest("6.03 TB/s") != ran("").results.digest);
  // Beyond the range that the file knows, because it is the scenario that says so.
  CHECK(digest("9.6 TB/s") != digest("6.03 TB/s"));
}

TEST_CASE("what a scenario states is told with the scenario as its source") {
  const Outcome outcome = ran(R"(, "device_values": {"/bandwidth": {"value": "6 TB/s"}})");
  const DeviceInfo& info = outcome.built.pools.front().device->info();
  CHECK(info.bandwidth.value.value == Approx(6e12));
  CHECK(info.bandwidth.basis == Basis::estimate);
  CHECK(info.bandwidth.source == "the scenario, in place of 4.8 TB/s");
  CHECK_FALSE(info.bandwidth.range.has_value());
}

TEST_CASE("every number of a device's file is listed with its range as written") {
  const auto catalogue = tools::program_catalogue();
  const Document document = Document::parse(catalogue.device_text("etched_sohu", {}), "etched_sohu.json");
  const auto values = ranged_values(document.tree().root);
  const auto at = std::find_if(values.begin(), values.end(), [](const auto& v) { return v.pointer == "/bandwidth"; });
  REQUIRE(at != values.end());
  CHECK(at->value == "4.8 TB/s");
  CHECK(at->low == "4.8 TB/s");
  CHECK(at->high == "6.03 TB/s");
  CHECK(at->basis == "estimate");
}

TEST_CASE("pointers to nothing and values of another kind are refused") {
  CHECK(refusal(R"({"/bandwidh": {"value": "3 TB/s"}})")
            .find("device_values names \"/bandwidh\", where there is no number; did you mean \"/bandwidth\"?") !=
        std::string::npos);
  CHECK(
      refusal(R"({"/bandwidth": {"value": "3 TFLOP/s"}})").find("the unit \"TFLOP/s\" of \"3 TFLOP/s\" does not fit") !=
      std::string::npos);
  CHECK(refusal(R"({"/bandwidth": {}})").find("missing") != std::string::npos);
  CHECK(refusal(R"({"/bandwidth": "3 TB/s"})").find("/pools/0/device_values/~1bandwidth") != std::string::npos);
}

TEST_CASE("numbers that a device's measured times do not follow cannot be stated") {
  const auto told = [](const std::string& values) -> std::string {
    try {
      DeviceChanges changes;
      changes.values = {{values, "1 TB/s"}};
      (void)tools::program_catalogue().device("h100_sxm", {}, changes);
    } catch (const InputError& error) {
      return error.what();
    }
    return "accepted";
  };
  CHECK(told("/bandwidth")
            .find("/bandwidth: is stated by the scenario, but the times of this device were measured and "
                  "do not follow it: write what_if/hbm_bandwidth, a factor on them") != std::string::npos);
  DeviceChanges faster;
  faster.values = {{"/peak/bf16", "2000 TFLOP/s"}};
  CHECK_THROWS_AS(tools::program_catalogue().device("h100_sxm", {}, faster), InputError);
  // Times that are derived from the data sheet follow it.
  DeviceChanges derived;
  derived.values = {{"/bandwidth", "3 TB/s"}};
  CHECK(tools::program_catalogue().device("mi300x", {}, derived)->info().bandwidth.value.value == 3e12);
  // What a package is made of changes nothing while it has all its stacks.
  DeviceChanges inside;
  inside.values = {{"/package/die_price", "100 USD"}};
  CHECK_THROWS_AS(tools::program_catalogue().device("b200_sxm", {}, inside), InputError);
  inside.hbm_stacks = 6;
  CHECK(tools::program_catalogue().device("b200_sxm", {}, inside) != nullptr);
}
