// memwall trace generate, as a user starts it.
#include "tests/catch.hpp"
#include "tests/program/program.hpp"

using namespace memwall::test;

namespace {

const std::string generators = "scenarios/digest/generated.json";

}  // namespace

TEST_CASE("a generated trace has the same bytes for a seed, and statistics can be taken of it") {
  const Path folder = scratch("trace_generate");
  const auto generate = [&folder](const std::string& name, std::vector<std::string> more) {
    std::vector<std::string> words = {"trace", "generate", generators, "--workload", "agents", "--out", folder / name};
    words.insert(words.end(), more.begin(), more.end());
    return run_program(words);
  };
  const Ended once = generate("once.jsonl", {});
  REQUIRE(once.code == 0);
  REQUIRE(generate("again.jsonl", {}).code == 0);
  REQUIRE(generate("other.jsonl", {"--seed", "2"}).code == 0);
  REQUIRE(generate("coarse.jsonl", {"--block-tokens", "512"}).code == 0);
  const std::string bytes = read_text(folder / "once.jsonl");
  CHECK(bytes == read_text(folder / "again.jsonl"));
  CHECK(bytes != read_text(folder / "other.jsonl"));
  CHECK(read_text(folder / "coarse.jsonl").size() < bytes.size() / 5);
  const auto rows = std::count(bytes.begin(), bytes.end(), '\n') - 1;
  CHECK(once.out.find(": " + std::to_string(rows) + " rows\n") != std::string::npos);
  const Ended stats = run_program({"trace", "stats", folder / "once.jsonl"});
  CHECK(stats.code == 0);
  CHECK(stats.out.find(std::to_string(rows) + " read, " + std::to_string(rows) + " kept") != std::string::npos);
}

TEST_CASE("wrong words are told, and nothing is written") {
  const Path folder = scratch("trace_generate_wrong");
  const auto told = [&folder](std::vector<std::string> words) {
    words.insert(words.begin(), {"trace", "generate"});
    const Ended ended = run_program(words);
    CHECK(ended.code == 2);
    CHECK(names_in(folder).empty());
    return ended.err;
  };
  const std::string out = folder / "trace.jsonl";
  CHECK(told({generators}).find("usage: memwall trace generate SCENARIO --out FILE") != std::string::npos);
  CHECK(told({generators, "--out", out}) ==
        "memwall: the scenario has 7 workloads; pick one with --workload: two states, windows, weibull, ramp, agents, "
        "training, benchmark\n");
  CHECK(told({generators, "--out", out, "--workload", "agent"}) ==
        "memwall: --workload agent: did you mean \"agents\"? known: two states, windows, weibull, ramp, agents, "
        "training, benchmark\n");
  CHECK(told({generators, "--out", out, "--workload", "training"}) ==
        "memwall: the workload cancels requests when enough of the others have ended, which no trace can hold; run the "
        "scenario itself\n");
  CHECK(told({generators, "--out", out, "--workload", "ramp", "--block-tokens", "0"}) ==
        "memwall: --block-tokens wants 1 or more\n");
}
