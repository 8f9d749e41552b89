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

TEST_CASE("one scenario on several devices is what a file for each would be") {
  const Path folder = three("compare_devices");
  const Ended files = run_program({"compare", folder / "a.json", folder / "b.json", "--json", folder / "files.json"});
  const Ended devices =
      run_program({"compare", folder / "a.json", "--devices", "h100_sxm,b200_sxm", "--json", folder / "devices.json"});
  CHECK(files.code == 0);
  CHECK(devices.code == 0);
  CHECK(holds(devices.out, "b200_sxm: 1 device a replica, the smallest power of two that runs it"));
  const auto runs = [](const std::string& json) {
    std::vector<std::string> out;
    for (std::size_t at = json.find("\"runs\": ["); at != std::string::npos; at = json.find("\"runs\": [", at + 1)) {
      out.push_back(json.substr(at, json.find(']', at) - at));
    }
    return out;
  };
  const auto of_files = runs(read_text(folder / "files.json"));
  CHECK(of_files.size() > 20);
  CHECK(of_files == runs(read_text(folder / "devices.json")));
  const Ended same = run_program({"compare", folder / "a.json", "--devices", "b200_sxm,b200_sxm"});
  CHECK(holds(same.out, "b200_sxm and b200_sxm need the same machine time for a token"));
}

TEST_CASE("a replica gets as many devices as hold its model, with the links that join them") {
  const Path folder = three("compare_fit");
  std::string big = scenario("h200_sxm");
  big.replace(big.find("Llama-3.1-8B"), 12, "Llama-3.1-70B");
  big.replace(big.find("\"workload\""), 0, "\"interconnect\": \"hgx_h200\", ");
  big.replace(big.find("\"engine\""), 0, "\"parallelism\": {\"tensor\": 2}, \"power_cap\": \"600 W\", ");
  write_text(folder / "big.json", big);
  const Ended ended = run_program({"compare", folder / "big.json", "--devices", "h200_sxm,h100_sxm,skhynix_aim"});
  CHECK(ended.code == 0);
  // 141 GB of weights in 16 bits: two devices of 80 GB leave no room for a cache.
  CHECK(holds(ended.out, "h100_sxm: 4 devices a replica, the smallest power of two that runs it, joined by hgx_h100"));
  CHECK(holds(ended.out, "h100_sxm: left out, as they were said of the device before: power_cap"));
  CHECK(holds(ended.out, "skhynix_aim: refused: "));
  CHECK(holds(run_program({"compare", folder / "big.json", "--devices", "h200_sxm,h100"}).err,
              "device \"h100\" is unknown; did you mean \"h100_sxm\"?"));
  CHECK(holds(run_program({"compare", folder / "a.json", folder / "b.json", "--devices", "h100_sxm"}).err,
              "--devices wants one scenario"));
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

TEST_CASE("answers are the same for any number of threads, and each has its files") {
  const Path folder = three("compare_answers");
  const std::vector<std::vector<std::string>> questions = {
      {"--waterfall"},
      {"--models", "meta-llama/Llama-3.1-8B,meta-llama/Llama-3.2-1B", "--traces", "guidellm_chat@2"},
      {"--levers"},
      {"--break-even", "price"},
      {"--draws", "5"}};
  for (const auto& question : questions) {
    INFO(question.front());
    std::string outputs[2];
    for (int jobs = 1; jobs <= 2; ++jobs) {
      std::vector<std::string> words = {
          "compare", folder / "a.json",     folder / "b.json", "--jobs", std::to_string(jobs),
          "--json",  folder / "answer.json"};
      words.insert(words.end(), question.begin(), question.end());
      const bool drawn = question.front() != "--break-even";
      if (drawn) {
        words.insert(words.end(), {"--vega", folder / "answer.vega"});
      }
      const Ended ended = run_program(words);
      CHECK(ended.code == 0);
      outputs[jobs - 1] = ended.out + read_text(folder / "answer.json");
      if (drawn) CHECK(holds(read_text(folder / "answer.vega"), "vega-lite/v5.json"));
    }
    CHECK(outputs[0] == outputs[1]);
    CHECK(holds(outputs[0], "\"metric\": \"/cost/usd_per_mtok_output\""));
  }
  CHECK(holds(
      run_program({"compare", folder / "a.json", folder / "b.json", "--levers", "--waterfall", "--vega", "x"}).err,
      "--vega holds the answer to one question; ask one at a time"));
  CHECK(holds(run_program({"compare", folder / "a.json", folder / "b.json", "--waterfall", "--metric", "/tokens"}).err,
              "is no metric by which a winner can be told"));
}

TEST_CASE("words that make no comparison are refused") {
  const Path folder = three("compare_words");
  CHECK(holds(run_program({"compare", folder / "a.json"}).err, "two scenarios or more are wanted"));
  CHECK(holds(run_program({"compare", folder / "a.json", folder / "b.json", "--replications", "0"}).err,
              "--replications 0: must be 1 or more"));
  CHECK(holds(run_program({"compare", folder / "a.json", folder / "b.json", "--concurrency", "1,x"}).err,
              "must be whole numbers from 1 on"));
  CHECK(holds(run_program({"compare", folder / "a.json", folder / "b.json", "--csv", "x.csv"}).err,
              "--csv holds the answer to a question that has one, such as --concurrency 1,8,64"));
}
