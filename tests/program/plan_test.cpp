// `memwall plan`: the answer with its reasons, files that can be run again, demands that nothing meets, wrong words.
#include "tests/catch.hpp"
#include "tests/program/program.hpp"
#include "tests/shared.hpp"

using namespace memwall::test;

namespace {

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

const std::string quickstart = "scenarios/quickstart.json";

Ended plan(std::vector<std::string> words) {
  words.insert(words.begin(),
               {"plan", quickstart, "--devices", "h100_sxm,a100_sxm_80", "--set", "/workload/requests=150"});
  return run_program(words);
}

}  // namespace

TEST_CASE("a plan says what it found, its headroom and why not each other") {
  const Ended found = plan({"--rate", "40 /s", "--max-devices", "8"});
  INFO(found.out);
  CHECK(found.code == 0);
  CHECK(holds(found.out, "1 replica of 1 x h100_sxm, 1 devices, 2.95 USD/h\n"));
  CHECK(holds(found.out, "traffic: 150 requests, 40 requests/s, on average 512 tokens in and 128 out\n"));
  CHECK(holds(found.out, "headroom    holds up to "));
  CHECK(holds(found.out, "* 1 x h100_sxm"));
  CHECK(holds(found.out, "dearer: "));
  // The number of threads changes nothing.
  CHECK(plan({"--rate", "40 /s", "--max-devices", "8", "--jobs", "1"}).out == found.out);
}

TEST_CASE("the plan is written as a scenario that meets its SLOs") {
  const Path folder = scratch("plan_out") / "new";
  const Ended found = plan(
      {"--rate", "120 /s", "--tensor", "2", "--out", folder, "--json", folder / "p.json", "--vega", folder / "v.json"});
  REQUIRE(found.code == 0);
  CHECK(names_in(folder) ==
        std::vector<std::string>{"candidates.csv", "p.json", "plan.json", "plan.vega.json", "scenario.json", "v.json"});
  CHECK(read_text(folder / "p.json") == read_text(folder / "plan.json"));
  CHECK(holds(read_text(folder / "candidates.csv"), "\"h100_sxm\",2,hgx_h100,,,1,2,"));
  const Ended again = run_program({"run", folder / "scenario.json", "--fail-on-slo"});
  INFO(again.err);
  CHECK(again.code == 0);
  CHECK(holds(again.out, "of 2 x h100_sxm"));
}

TEST_CASE("what nothing meets ends with 1 and the nearest miss, or with the speed of light") {
  const Ended missed = plan({"--set", "/slo/tpot/p95=6.38 ms", "--tensor", "1", "--max-devices", "2"});
  INFO(missed.out);
  CHECK(missed.code == 1);
  CHECK(holds(missed.out,
              "no fleet that was tried meets everything\n  nearest: 2 replicas of 1 x h100_sxm, 5.90 USD/h: "
              "tpot p95 is "));
  const Ended never = plan({"--set", "/slo/tpot/p95=1 ms"});
  CHECK(never.code == 1);
  CHECK(holds(never.out,
              "no device can, at any load: the quickest is 8 x h100_sxm, where a decode cycle of one "
              "sequence alone takes "));
  const Ended small = plan({"--set", "/model/config=meta-llama/Llama-3.1-405B"});
  CHECK(small.code == 1);
  CHECK(holds(small.out, "GB too little memory: "));
}

TEST_CASE("the goodput of the scenario's own fleet") {
  const auto goodput = [](std::vector<std::string> words) {
    words.insert(words.begin(), {"plan", quickstart, "--goodput", "--set", "/workload/requests=150"});
    return run_program(words);
  };
  const Ended found = goodput({});
  CHECK(found.code == 0);
  CHECK(holds(found.out, "1 replica of 1 x h100_sxm: up to "));
  CHECK(holds(found.out, "  beyond      "));
  CHECK(goodput({"--set", "/slo/tpot/p95=1 ms"}).code == 1);
}

TEST_CASE("within a budget, as traffic grows, and window by window") {
  const Ended most = plan({"--budget", "6 USD/h", "--power", "1.4 kW"});
  CHECK(most.code == 0);
  CHECK(holds(most.out, "the most goodput within 6.00 USD/h and 1.4 kW ("));
  CHECK(holds(most.out, "\n* 1 x h100_sxm"));
  CHECK(plan({"--budget", "1 USD/h"}).code == 1);
  const Ended growth = plan({"--growth", "1,30"});
  CHECK(growth.code == 0);
  CHECK(holds(growth.out, "1 replica of 1 x a100_sxm_80\n"));
  CHECK(holds(growth.out, "replicas of "));
  const Path folder = scratch("plan_windows");
  const Ended windows = plan({"--windows", "10 s", "--rate", "40 /s", "--out", folder});
  CHECK(windows.code == 0);
  CHECK(holds(windows.out, "no autoscaler can save more than "));
  CHECK(names_in(folder) == std::vector<std::string>{"windows.csv"});
}

TEST_CASE("a plan over a thousand candidates for a recorded trace is found in moments") {
  const auto folder = shared("a plan for the conversation trace of Azure");
  if (!folder) return;
  const Path out = scratch("plan_trace");
  const Ended found = run_program(
      {"plan", "scenarios/azure_conversation.json", "--rate", "60 /s", "--set", "/pools/0/engine/max_model_len=16384",
       "--set",
       "/workload/path=" + (*folder / "traces" / "azure_2023" / "AzureLLMInferenceTrace_conv.part1.csv").string(),
       "--out", out});
  INFO(found.err);
  REQUIRE(found.code == 0);
  const std::string rows = read_text(out / "candidates.csv");
  CHECK(std::count(rows.begin(), rows.end(), '\n') > 1000);
  CHECK(holds(read_text(out / "plan.json"), "\"reason\": \"plan\""));
  CHECK(holds(found.out, "traffic: 13927 requests, 60 requests/s"));
}

TEST_CASE("of several pools the numbers of replicas are planned") {
  const Path folder = scratch("plan_pools");
  std::vector<std::string> words = {"plan",          "scenarios/disaggregation/push.json",
                                    "--set",         "/slo/ttft/p99=800 ms",
                                    "--set",         "/slo/tpot/p95=12 ms",
                                    "--set",         "/workload/requests=100",
                                    "--rate",        "25 /s",
                                    "--max-devices", "8",
                                    "--out",         folder};
  const Ended found = run_program(words);
  INFO(found.out << found.err);
  CHECK(found.code == 0);
  CHECK(holds(found.out, " prefill + "));
  CHECK(holds(found.out, "  one prefill less: ttft p99 is "));
  CHECK(names_in(folder) == std::vector<std::string>{"candidates.csv", "scenario.json"});
  CHECK(run_program({"run", folder / "scenario.json", "--fail-on-slo", "--quiet"}).code == 0);
  words.insert(words.end(), {"--devices", "h100_sxm"});
  const Ended refused = run_program(words);
  CHECK(refused.code == 2);
  CHECK(holds(refused.err, "--devices: of several pools, or replicas of two groups of devices, only the numbers of "));
}

TEST_CASE("domains of a rack, and what if") {
  const Path folder = scratch("plan_rack");
  const std::vector<std::string> words = {"plan", quickstart, "--set", "/pools/0/device=gb200", "--rack", "nvl72"};
  std::vector<std::string> with_files = words;
  with_files.insert(with_files.end(), {"--out", folder});
  const Ended found = run_program(with_files);
  INFO(found.err);
  CHECK(found.code == 0);
  CHECK(holds(found.out, "   72 chips, copper "));
  CHECK(holds(found.out, "NOT FEASIBLE, reach: "));
  CHECK(names_in(folder) == std::vector<std::string>{"rack.csv", "rack.vega.json"});
  std::vector<std::string> unknown = words;
  unknown.back() = "nvl73";
  CHECK(holds(run_program(unknown).err, "rack \"nvl73\" is unknown; did you mean \"nvl72\"?"));
  std::vector<std::string> both = words;
  both.emplace_back("--goodput");
  CHECK(run_program(both).err == "memwall: --rack and --goodput do not go together\n");
  // Half the price makes the scenario's own device the cheaper one.
  CHECK(holds(plan({}).out, "1 replica of 1 x a100_sxm_80, 1 devices, 1.90 USD/h"));
  CHECK(holds(plan({"--what-if", "price=-50%"}).out, "1 replica of 1 x h100_sxm, 1 devices, 1.48 USD/h"));
}

TEST_CASE("words and scenarios that make no plan are refused") {
  const auto refusal = [](const std::vector<std::string>& words) {
    const Ended ended = plan(words);
    CHECK(ended.code == 2);
    return ended.err;
  };
  CHECK(refusal({"--rate", "40"}) == "memwall: --rate 40: \"40\" has no unit; write for example \"12 /s\"\n");
  CHECK(refusal({"--rate", "0 /s"}) == "memwall: --rate 0 /s: must be above zero\n");
  CHECK(refusal({"--tensor", "1,x"}) == "memwall: --tensor 1,x: must be whole numbers from 1 on, such as 1,2,4\n");
  CHECK(refusal({"--max-devices", "0"}) == "memwall: --max-devices 0: must be 1 or more\n");
  CHECK(refusal({"--attainment", "99"}) == "memwall: --attainment 99: a share from 0 to 1 is wanted, such as 0.99\n");
  CHECK(refusal({"--price", "h100_sxm"}) == "memwall: --price h100_sxm: ID=2.5 USD/h is wanted\n");
  CHECK(holds(refusal({"--price", "h100=2 USD/h"}),
              "--price h100=2 USD/h: \"h100\" is not planned with; did you mean "
              "\"h100_sxm\"?"));
  CHECK(holds(refusal({"--devices", "h1000,b2000"}), "device \"b2000\" is unknown"));
  CHECK(holds(refusal({"--set", "/pools/3/replicas=1"}), "/pools/3"));
  CHECK(holds(refusal({"--out", "README.md/x"}), "README.md"));
  CHECK(refusal({"--goodput"}) == "memwall: --goodput and --devices do not go together\n");
  CHECK(refusal({"--budget", "4 USD/h", "--spares", "1"}) == "memwall: --budget and --spares do not go together\n");
  CHECK(refusal({"--growth", "1,-2"}) == "memwall: --growth 1,-2: numbers above zero are wanted, such as 1,2,4\n");
  CHECK(refusal({"--windows", "10 s/1 min"}) == "memwall: --windows 10 s/1 min: the period is shorter than a window\n");
  CHECK(refusal({"--windows", "1 ms"}) == "memwall: --windows 1 ms: times of a second or more are wanted\n");
  CHECK(holds(refusal({"--budget", "4 USD"}), "memwall: --budget 4 USD: "));
  CHECK(refusal({"--budget", "0 USD/h"}) == "memwall: --budget 0 USD/h: must be above zero\n");
  CHECK(refusal({"--max-devices", "20000"}) == "memwall: --max-devices 20000: at most 16384 are planned for\n");
  const auto outright = [](const std::string& file, const std::string& what) {
    const Ended ended = run_program({"plan", file});
    CHECK(ended.code == 2);
    CHECK(holds(ended.err, what));
  };
  outright("scenarios/devices/h100_sxm.json", "has no \"slo\", and a plan needs objectives to meet");
  outright("scenarios/disaggregation/push.json", "has no \"slo\"");
  outright("nowhere.json", "nowhere.json");
  CHECK(run_program({"plan"}).code == 2);
}
