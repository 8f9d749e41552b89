// `--what-if`: words to edits.
#include "sim/scenario/what_if.hpp"
#include "tests/catch.hpp"
#include "tools/results/what_if.hpp"

using namespace memwall;

namespace {

std::string known() {
  std::string out = "known: ";
  for (const WhatIfKey& key : what_if_keys()) out += (out.ends_with(' ') ? "" : ", ") + std::string(key.name);
  return out;
}

}  // namespace

TEST_CASE("words of the command line become edits of every pool or of the one that is named") {
  using tools::what_if_edits;
  const std::vector<std::string> two = {"prefill", "decode"};
  CHECK(what_if_edits(two, {"hbm_bandwidth=+10%"}) ==
        std::vector<std::string>{"/pools/0/what_if/hbm_bandwidth=1.1", "/pools/1/what_if/hbm_bandwidth=1.1"});
  CHECK(what_if_edits(two, {"decode:compute_rate=-50%", "decode:price=x2"}) ==
        std::vector<std::string>{"/pools/1/what_if/compute_rate=0.5", "/pools/1/what_if/price=2"});
  const auto told = [&](const std::string& word) -> std::string {
    try {
      (void)what_if_edits(two, {word});
    } catch (const InputError& error) {
      return error.what();
    }
    return "accepted";
  };
  CHECK(told("hbm=+10%") == "--what-if hbm=+10%: there is no \"hbm\"; did you mean \"hbm_bandwidth\"? " + known());
  CHECK(told("hbm_bandwidth") ==
        "--what-if hbm_bandwidth: must be a name and a change, such as hbm_bandwidth=+10% or hbm_bandwidth=x2");
  CHECK(told("hbm_bandwidth=fast") ==
        "--what-if hbm_bandwidth=fast: must be a name and a change, such as hbm_bandwidth=+10% or hbm_bandwidth=x2");
  CHECK(told("draft:price=x2") == "--what-if draft:price=x2: there is no pool \"draft\"; known: prefill, decode");
}
