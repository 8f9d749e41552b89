// `memwall price` as a user starts it: its tables and files, and what it refuses.
#include <chrono>

#include "tests/catch.hpp"
#include "tests/program/program.hpp"

using namespace memwall::test;

namespace {

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::vector<std::string> words(std::vector<std::string> more) {
  more.insert(more.begin(), {"price", "scenarios/quickstart.json"});
  return more;
}

std::string error_of(const std::vector<std::string>& more) {
  const Ended ended = run_program(words(more));
  CHECK(ended.code == 2);
  return ended.err;
}

}  // namespace

TEST_CASE("a curve with its thresholds, the same on every number of threads") {
  const Path folder = scratch("price");
  const Ended one =
      run_program(words({"--out", folder / "a", "--traffic", "scenario", "--cached", "0.5", "--jobs", "1"}));
  CHECK(one.code == 0);
  CHECK(holds(one.out, "kv_equals_weights_one"));
  CHECK(holds(one.out, "meta-llama/Llama-3.1-8B has 131072 positions; longer lengths are left out"));
  CHECK(names_in(folder / "a") == std::vector<std::string>{"price.csv", "price.json", "price.vl.json"});
  CHECK(holds(read_text(folder / "a" / "price.json"), "\"public_steps\""));
  CHECK(holds(read_text(folder / "a" / "price.vl.json"), "vega-lite/v5"));
  const Ended two =
      run_program(words({"--out", folder / "b", "--traffic", "scenario", "--cached", "0.5", "--jobs", "2"}));
  CHECK(two.out == one.out);
  for (const std::string& name : names_in(folder / "a"))
    CHECK(read_text(folder / "a" / name) == read_text(folder / "b" / name));
}

TEST_CASE("nine machines over each other; one that cannot hold the model is a row") {
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::string> all = {"price"};
  for (const std::string name : {"h100", "b200", "rubin", "lpu_v1", "rubin_lpx", "wse3", "corsair", "matx", "sohu"})
    all.push_back("scenarios/compare/" + name + ".json");
  const Ended nine = run_program(all);
  CHECK(nine.code == 0);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
  CHECK(holds(nine.out, "rubin_lpx"));
  const Ended refused = run_program({"price", "scenarios/quickstart.json", "--devices", "v100_sxm_32,h200_sxm", "--set",
                                     "/model/config=meta-llama/Llama-3.1-70B", "--set", "/model/weights=fp8"});
  CHECK(refused.code == 0);
  CHECK(holds(refused.out, "v100_sxm_32: refused: "));
  const Ended none =
      run_program({"price", "scenarios/quickstart.json", "--set", "/model/config=meta-llama/Llama-3.1-405B"});
  CHECK(none.code == 1);
}

TEST_CASE("a what-if and an edit change the curve; an unused key does not exist") {
  const std::vector<std::string> short_curve = {"--contexts", "1k,10k"};
  const Ended plain = run_program(words(short_curve));
  const auto with = [&](const std::string& option, const std::string& value) {
    std::vector<std::string> more = short_curve;
    more.push_back(option);
    more.push_back(value);
    const Ended ended = run_program(words(more));
    INFO(option << " " << value << ended.err);
    CHECK(ended.code == 0);
    CHECK(ended.out != plain.out);
  };
  with("--what-if", "hbm_bandwidth=x2");
  with("--set", "/slo/tpot/p95=30 ms");
  with("--set", "/pools/0/cost/price=1 USD/h");
  with("--load", "0.5");
  with("--cached", "0.5");
  with("--output-tokens", "300");
  with("--tpot", "20 ms");
  with("--batch", "4");
  with("--traffic", "contexts");
}

TEST_CASE("wrong words are told with what would be right") {
  CHECK(error_of({"--contexts", "1k:200k:5"}) ==
        "memwall: --contexts: meta-llama/Llama-3.1-8B has 131072 positions, and 200000 prompt tokens with an answer do "
        "not fit; end at 130944, or give --beyond to price what it was not trained for\n");
  CHECK(error_of({"--batch", "0"}) == "memwall: --batch 0: at least one sequence must run\n");
  CHECK(error_of({"--cached", "1"}) == "memwall: --cached 1: must be a share from 0 to below 1, such as 0.5\n");
  CHECK(error_of({"--load", "0"}) == "memwall: --load 0: must be a share above 0 and up to 1, such as 0.38\n");
  CHECK(error_of({"--load", "half"}) == "memwall: --load half: must be a share above 0 and up to 1, such as 0.38\n");
  CHECK(error_of({"--hold", "5 s"}) == "memwall: --hold without --cached: nothing rests in the cache\n");
  CHECK(error_of({"--margin", "0.5"}) == "memwall: --margin without --traffic: no prices are solved\n");
  CHECK(holds(error_of({"--traffic", "scenari"}), "memwall: --traffic scenari: "));
  CHECK(holds(error_of({"--tpot", "50"}), "memwall: --tpot 50: "));
  CHECK(holds(error_of({"--devices", "h100_sxn"}), "h100_sxm"));
  CHECK(holds(error_of({"--contexts", "1k:2k"}), "a range is FROM:TO:HOW_MANY"));
  CHECK(run_program({"price"}).code == 2);
  const Ended two = run_program({"price", "scenarios/disaggregation/local.json"});
  CHECK(two.code == 1);
  CHECK(holds(two.out, "wants a scenario of one pool"));
}
