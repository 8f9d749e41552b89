// `memwall compare` as a user starts it.
#include "tests/catch.hpp"
#include "tests/program/program.hpp"

using namespace memwall::test;

namespace {

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string scenario(const std::string& device, const std::string& rate = "5 /s") {
  return R"({ "schema": 1, "model": { "config": "meta-llama/Llama-3.1-8B" }, "pools": [ { "device": ")" + device +
         R"(", "engine": { "kind": "vllm", "max_model_len": 4096 } } ],
  "workload": { "source": "synthetic", "requests": 20, "arrivals": { "process": "poisson", "rate": ")" +
         rate + R"(" }, "lengths": { "input": 300, "output": 40 } } })";
}

Path three(const std::string& name) {
  const Path folder = scratch(name);
  write_text(folder / "a.json", scenario("h100_sxm"));
  write_text(folder / "b.json", scenario("b200_sxm"));
  write_text(folder / "busy.json", scenario("b200_sxm", "50 /s"));
  return folder;
}

}  // namespace

TEST_CASE("a scenario compared with itself differs by exactly nothing") {
  const Path folder = three("compare_same");
  const Ended ended = run_program(
      {"compare", folder / "a.json", folder / "a.json", "--replications", "3", "--json", folder / "c.json"});
  CHECK(ended.code == 0);
  const std::string json = read_text(folder / "c.json");
  CHECK(holds(json, "\"difference\": 0,"));
  CHECK(holds(json, "\"half_width_95\": 0"));
  for (std::size_t at = json.find("\"difference\": "); at != std::string::npos;
       at = json.find("\"difference\": ", at + 1)) {
    CHECK(json.compare(at, 16, "\"difference\": 0,") == 0);
  }
  CHECK_FALSE(holds(ended.out, "+0.0 %"));
  CHECK(holds(ended.out, "need the same machine time for a token"));
}

TEST_CASE("machines are compared on the same requests, with the tier that makes the difference") {
  const Path folder = three("compare_machines");
  const Ended ended = run_program({"compare", folder / "a.json", folder / "b.json"});
  CHECK(ended.code == 0);
  CHECK(holds(ended.out, "TPOT p50, ms"));
  CHECK(holds(ended.out, "of the difference: "));
  CHECK(holds(ended.out, "hbm -"));
  const Ended other = run_program({"compare", folder / "a.json", folder / "busy.json"});
  CHECK(other.code == 2);
  CHECK(holds(other.err, "has another workload or seed than"));
  CHECK(run_program({"compare", folder / "a.json", folder / "busy.json", "--any-workload"}).code == 0);
}

TEST_CASE("a refused scenario is a column with its reason, and a gate on it breaks") {
  const Path folder = three("compare_refused");
  std::string big = scenario("h100_sxm");
  big.replace(big.find("Llama-3.1-8B"), 12, "Llama-3.1-70B");
  write_text(folder / "big.json", big);
  const Ended ended = run_program({"compare", folder / "a.json", folder / "big.json"});
  CHECK(ended.code == 0);
  CHECK(holds(ended.out, "big: refused: "));
  CHECK(run_program({"compare", folder / "a.json", folder / "big.json", "--fail-on", "/latency/ttft_s/p95<=2"}).code ==
        1);
}

TEST_CASE("the frontier is the same for any number of threads, and its files hold it") {
  const Path folder = three("compare_frontier");
  const auto words = [&](const std::string& jobs, const std::string& csv) {
    return std::vector<std::string>{
        "compare", folder / "a.json", folder / "b.json", "--concurrency",  "1,4", "--jobs", jobs,
        "--csv",   folder / csv,      "--vega",          folder / "v.json"};
  };
  const Ended one = run_program(words("1", "one.csv"));
  CHECK(one.code == 0);
  CHECK(run_program(words("2", "two.csv")).code == 0);
  CHECK(read_text(folder / "one.csv") == read_text(folder / "two.csv"));
  const std::string csv = read_text(folder / "one.csv");
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 5);
  CHECK(holds(read_text(folder / "v.json"), "vega-lite/v5.json"));
  // At batch 1 the newer machine is better for the user and for the owner alike.
  CHECK(holds(csv, "\"a\",1,"));
  CHECK(holds(one.out, "* b"));
}

TEST_CASE("words that make no comparison are refused") {
  const Path folder = three("compare_words");
  CHECK(holds(run_program({"compare", folder / "a.json"}).err, "two scenarios or more are wanted"));
  CHECK(holds(run_program({"compare", folder / "a.json", folder / "b.json", "--replications", "0"}).err,
              "--replications 0: must be 1 or more"));
  CHECK(holds(run_program({"compare", folder / "a.json", folder / "b.json", "--concurrency", "1,x"}).err,
              "must be whole numbers from 1 on"));
  CHECK(holds(run_program({"compare", folder / "a.json", folder / "b.json", "--csv", "x.csv"}).err,
              "name the numbers of clients with --concurrency"));
}
