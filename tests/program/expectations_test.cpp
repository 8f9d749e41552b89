// The scenarios of the project against what is expected of them, through the program's own gate.
#include "tests/catch.hpp"
#include "tests/program/program.hpp"

using namespace memwall::test;

TEST_CASE("scenarios of the project come out as they are expected to") {
  for (const std::string folder : {"devices", "compare", "disaggregation", "examples", "kv", "quickstart.json"}) {
    const Ended ended = run_program({"check", "scenarios/" + folder, "--jobs", "2"});
    INFO(ended.out << ended.err);
    CHECK(ended.code == 0);
    CHECK(ended.out.find(" 0 failed, 0 without expectations") != std::string::npos);
  }
}
