// The file of expectations: read and written without loss, and every mistake in it told.
#include "tools/check/expectation.hpp"

#include <filesystem>
#include <fstream>

#include "sim/base/error.hpp"
#include "tests/catch.hpp"

using namespace memwall;
using namespace memwall::tools::check;

namespace {

std::string file_with(const std::string& text) {
  const auto path = std::filesystem::path(MEMWALL_BINARY_DIR) / "expectation_test.expect.json";
  std::ofstream(path, std::ios::binary) << text;
  return path.string();
}

std::string refusal(const std::string& text) {
  try {
    (void)load_expectations(file_with(text));
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("what is written is read back the same") {
  const std::string text = R"({"schema": 1, "expect": [
    {"metric": "/requests/completed", "is": 300, "why": "nobody is turned away"},
    {"metric": "/latency/ttft_s/p95", "near": 0.1, "within": 0.05, "at_most": 0.2},
    {"metric": "/digest", "text": "abc"}],
    "seen": {"program": "0.1.0", "scenario": "s", "device_data": "d", "digest": "abc",
             "tiers": [{"tier": "hbm", "seconds": 0.1}]}})";
  const Expectations read = load_expectations(file_with(text));
  REQUIRE(read.all.size() == 3);
  CHECK(read.all[0].is == 300);
  CHECK(read.all[1].at_most == 0.2);
  CHECK(read.seen->tier_seconds.at("hbm") == 0.1);
  const std::string written = expectations_json(read);
  CHECK(expectations_json(load_expectations(file_with(written))) == written);
}

TEST_CASE("mistakes in a file of expectations are told with their place") {
  CHECK(holds(refusal(R"({"schema": 1})"), "expects nothing; give `expect` or `refused`"));
  CHECK(holds(refusal(R"({"schema": 1, "expect": [{"metric": "/x"}]})"), "/expect/0: says nothing of its metric"));
  CHECK(
      holds(refusal(R"({"schema": 1, "expect": [{"metric": "x", "is": 1}]})"), "/expect/0/metric: must be a pointer"));
  CHECK(holds(refusal(R"({"schema": 1, "expect": [{"metric": "/x", "near": 1}]})"), "/expect/0/within"));
  CHECK(holds(refusal(R"({"schema": 1, "expect": [{"metric": "/x", "at_least": 2, "at_most": 1}]})"),
              "is above `at_most`"));
  CHECK(holds(refusal(R"({"schema": 1, "refused": "no", "expect": [{"metric": "/x", "is": 1}]})"),
              "a scenario that is refused has no results"));
  CHECK(holds(refusal(R"({"schema": 1, "expect": [{"metric": "/x", "is": 1, "more": 2}]})"), "unknown key"));
}
