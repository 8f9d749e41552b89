// Statements about a summary, what they say when they are broken, and where a difference comes from.
#include "tools/check/judge.hpp"

#include <string>

#include "sim/base/error.hpp"
#include "tests/catch.hpp"
#include "tools/check/verdict.hpp"

using namespace memwall;
using namespace memwall::tools;
using namespace memwall::tools::check;

namespace {

std::string summary_text(double hbm, double ttft, const std::string& digest, const std::string& data = "d1") {
  return R"({"schema": 1, "versions": {"program": "0.1.0", "scenario": "s1", "device_data": ")" + data +
         R"("}, "digest": ")" + digest + R"(", "requests": {"completed": 300}, "goodput": null,
  "latency": {"ttft_s": {"p50": )" +
         std::to_string(ttft) + R"(, "p95": )" + std::to_string(ttft) + R"(}},
  "cycles": {"busy_s": 8, "idle_s": 2, "bottleneck_share": {"hbm": )" +
         std::to_string(hbm) + R"(, "compute": 0.25},
             "time_share": {"hbm": )" +
         std::to_string(hbm) + R"(, "idle": 0.2}}})";
}

SummaryView summary(double hbm = 0.5, double ttft = 0.25, const std::string& digest = "a",
                    const std::string& data = "d1") {
  return SummaryView(summary_text(hbm, ttft, digest, data), "summary.json");
}

Expectation about(const std::string& metric) {
  Expectation e;
  e.metric = metric;
  return e;
}

std::vector<std::string> broken_by(const Expectation& e, const SummaryView& view) {
  Expectations all;
  all.all = {e};
  return broken(all, view);
}

std::string single(const std::vector<std::string>& found) {
  REQUIRE(found.size() == 1);
  return found.front();
}

}  // namespace

TEST_CASE("each condition holds on its own side of its bound and says what is wrong on the other") {
  Expectation is = about("/requests/completed");
  is.is = 300;
  CHECK(broken_by(is, summary()).empty());
  is.is = 299;
  CHECK(single(broken_by(is, summary())) == "/requests/completed: is 300, must be 299");

  Expectation near = about("/latency/ttft_s/p95");
  near.near = 0.24;
  near.within = 0.05;
  CHECK(broken_by(near, summary()).empty());
  near.within = 0.04;
  CHECK(single(broken_by(near, summary())) == "/latency/ttft_s/p95: is 0.25, must be 0.24 within 4 % (+4.17 %)");

  Expectation range = about("/cycles/bottleneck_share/hbm");
  range.at_least = 0.5;
  range.at_most = 0.5;
  CHECK(broken_by(range, summary()).empty());
  range.at_least = 0.6;
  range.at_most = 0.9;
  range.why = "decode streams weights";
  CHECK(single(broken_by(range, summary())) ==
        "/cycles/bottleneck_share/hbm: is 0.5, must be at least 0.6 (decode streams weights)");
  range.at_least = 0.1;
  range.at_most = 0.4;
  CHECK(single(broken_by(range, summary())) ==
        "/cycles/bottleneck_share/hbm: is 0.5, must be at most 0.4 (decode streams weights)");

  Expectation text = about("/digest");
  text.text = "a";
  CHECK(broken_by(text, summary()).empty());
  text.text = "b";
  CHECK(single(broken_by(text, summary())) == "/digest: is \"a\", must be \"b\"");
}

TEST_CASE("a tier without a share is zero, and a metric that does not exist is told") {
  Expectation none = about("/cycles/bottleneck_share/sram");
  none.at_most = 0;
  CHECK(broken_by(none, summary()).empty());
  Expectation wrong = about("/latency/ttft_s/p59");
  wrong.at_most = 1;
  const std::string said = single(broken_by(wrong, summary()));
  CHECK(said.find("the summary has nothing at /latency/ttft_s/p59") == 0);
  CHECK(said.find("p95") != std::string::npos);
  Expectation group = about("/latency/ttft_s");
  group.at_most = 1;
  CHECK(single(broken_by(group, summary())) ==
        "the summary has an object at /latency/ttft_s, which is no number and no text");
  Expectation unknown = about("/cycles/bottleneck_share/hmb");
  unknown.at_least = 0;
  CHECK(broken_by(unknown, summary()).size() == 1);
}

TEST_CASE("a difference is put down to what has changed") {
  const Snapshot before = summary().snapshot();
  CHECK(before.tier_seconds.at("hbm") == Approx(5));
  CHECK(before.tier_seconds.at("idle") == Approx(2));
  CHECK(cause(before, summary().snapshot()).empty());
  CHECK(cause(before, summary(0.5, 0.25, "b").snapshot()) == "code");
  CHECK(cause(before, summary(0.5, 0.25, "b", "d2").snapshot()) == "device data");
  Snapshot scenario = summary(0.5, 0.25, "b", "d2").snapshot();
  scenario.scenario = "s2";
  CHECK(cause(before, scenario) == "scenario and device data");
  scenario.device_data = "d1";
  CHECK(cause(before, scenario) == "scenario");
  const auto moved = moved_tiers(before, summary(0.6, 0.25, "b").snapshot(), 3);
  CHECK(single(moved) == "hbm 5 s to 6 s (+20 %)");
}

TEST_CASE("bringing expectations up changes values and leaves relations alone") {
  Expectations all;
  all.all = {about("/requests/completed"), about("/latency/ttft_s/p95"), about("/cycles/bottleneck_share/hbm")};
  all.all[0].is = 1;
  all.all[1].near = 1;
  all.all[1].within = 0.01;
  all.all[2].at_least = 0.9;
  const Expectations fresh = brought_up(all, summary());
  CHECK(fresh.all[0].is == 300);
  CHECK(fresh.all[1].near == 0.25);
  CHECK(fresh.all[2].at_least == 0.9);
  CHECK(changed_values(all, fresh) ==
        std::vector<std::string>{"/requests/completed: 1 to 300", "/latency/ttft_s/p95: 1 to 0.25"});
  CHECK(changed_values(fresh, fresh).empty());
  CHECK(broken(fresh, summary()).size() == 1);
  REQUIRE(fresh.seen.has_value());
  CHECK(fresh.seen->digest == "a");
}

TEST_CASE("first expectations hold for the results that they were made of") {
  const Expectations first = first_expectations(summary());
  CHECK(broken(first, summary()).empty());
  CHECK_FALSE(broken(first, summary(0.5, 0.5)).empty());
  CHECK_FALSE(broken(first, summary(0.1)).empty());
}

TEST_CASE("verdicts are escaped for XML and for Markdown") {
  Verdict verdict;
  verdict.name = "a<script>&\"|`.json";
  verdict.broken = {"/x: is 1, must be \x01 < 2"};
  const std::string xml = junit_xml({verdict});
  CHECK(xml.find("name=\"a&lt;script&gt;&amp;&quot;|`.json\"") != std::string::npos);
  CHECK(xml.find("must be  &lt; 2") != std::string::npos);
  CHECK(xml.find("failures=\"1\"") != std::string::npos);
  const std::string page = markdown({verdict});
  CHECK(page.find("<script>") == std::string::npos);
  CHECK(page.find("&lt;script>&\"\\|\\`.json") != std::string::npos);
}
