// memwall trace: what it prints, what it writes, and that a converted trace is the same trace.
#include "sim/config/json.hpp"
#include "tests/catch.hpp"
#include "tests/program/program.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

std::string digest_of(const std::vector<std::string>& words) {
  const Ended ended = run_program(words);
  INFO(ended.err);
  REQUIRE(ended.code == 0);
  return json::parse(ended.out, "summary.json").root.find("digest")->text;
}

}  // namespace

TEST_CASE("a converted trace gives the same digest, with its arrivals spread too") {
  const Path folder = scratch("trace_convert");
  const std::string own = (folder / "own.jsonl").string();
  for (const std::string format : {"azure", "mooncake"}) {
    INFO(format);
    const std::string source =
        "workloads/traces/" + format + "_like_conversation" + (format == "azure" ? ".csv" : ".jsonl");
    const Ended ended = run_program({"trace", "convert", source, own});
    INFO(ended.err);
    REQUIRE(ended.code == 0);
    CHECK(ended.out.find("rows of " + source + " (" + format + ") written, 0 that cannot be read left out") !=
          std::string::npos);
    const std::string scenario = "scenarios/" + format + "_conversation.json";
    for (const std::string spread : {"", "/workload/spread_bins=3 s"}) {
      std::vector<std::string> words = {"run", scenario, "--json"};
      if (!spread.empty()) words.insert(words.end(), {"--set", spread});
      const std::string before = digest_of(words);
      words.insert(words.end(), {"--set", "/workload/format=memwall", "--set", "/workload/path=" + own});
      CHECK(digest_of(words) == before);
    }
  }
}

TEST_CASE("trace stats finds the format, takes keys, and says what is wrong with either") {
  const std::string file = "workloads/traces/mooncake_like_conversation.jsonl";
  const Ended found = run_program({"trace", "stats", file});
  CHECK(found.code == 0);
  CHECK(found.out.rfind(file + " (mooncake)\n  rows      120 read, 120 kept\n", 0) == 0);
  const Ended keyed = run_program({"trace", "stats", file, "--format", "mooncake", "--set", "time_unit=s"});
  CHECK(keyed.code == 0);
  CHECK(keyed.out != found.out);

  const Ended wrong = run_program({"trace", "stats", file, "--format", "azur"});
  CHECK(wrong.code == 2);
  CHECK(wrong.err.find("azur") != std::string::npos);
  CHECK(run_program({"trace", "stats", file, "--set", "blok_size=3"}).code == 2);
  CHECK(run_program({"trace", "stats", "README.md"}).err.find("tried were memwall, azure") != std::string::npos);
  CHECK(run_program({"trace", "stats"}).code == 2);
  CHECK(run_program({"trace", "draw"}).code == 2);
}

TEST_CASE("a conversion that fails leaves no file behind") {
  const Path folder = scratch("trace_convert_fails");
  CHECK(run_program({"trace", "convert", "README.md", (folder / "own.jsonl").string()}).code == 2);
  CHECK(!std::filesystem::exists(folder / "own.jsonl"));
}
