// Parts of a comparison: paired differences, reasons that add up, frontiers, gates.
#include <cmath>
#include <string>

#include "sim/base/error.hpp"
#include "tests/catch.hpp"
#include "tools/compare/gate.hpp"
#include "tools/compare/paired.hpp"
#include "tools/compare/pareto.hpp"
#include "tools/compare/why.hpp"

using namespace memwall;
using namespace memwall::tools;
using namespace memwall::tools::compare;

namespace {

/// Ten seconds on two devices for 1,000 tokens, so that a share of 0.1 is 2 ms of machine time for a token.
SummaryView summary(double hbm, double launch, double ttft) {
  const double idle = 1 - hbm - launch;
  return SummaryView(R"({"digest": "a", "duration_s": 10, "tokens": {"output": 1000}, "pools": [{"devices": 2}],
    "latency": {"ttft_s": {"p95": )" +
                         std::to_string(ttft) + R"(}}, "cycles": {"time_share": {"hbm": )" + std::to_string(hbm) +
                         R"(, "launch": )" + std::to_string(launch) + R"(, "idle": )" + std::to_string(idle) + "}}}",
                     "summary.json");
}

Contender contender(const std::string& name, double hbm, double launch, double ttft = 1) {
  Contender out;
  out.name = name;
  out.runs.push_back(summary(hbm, launch, ttft));
  return out;
}

Point point(double user, double device) {
  Point out;
  out.tokens_per_s_user = user;
  out.tokens_per_s_device = device;
  return out;
}

std::string refusal(const std::string& gate) {
  try {
    (void)parse_gate(gate);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("the interval of a paired difference is Student's") {
  // Differences 1, 2, 3: mean 2, standard deviation 1, and t(0.975, 2) = 4.302653 (any table of the distribution).
  const Difference difference = paired_difference({0, 0, 0}, {1, 2, 3});
  CHECK(difference.mean == Approx(2));
  REQUIRE(difference.half_width.has_value());
  CHECK(*difference.half_width == Approx(4.302653 / std::sqrt(3.0)).epsilon(1e-6));
  CHECK_FALSE(paired_difference({1}, {2}).half_width.has_value());
  const Difference same = paired_difference({5, 7}, {5, 7});
  CHECK(same.mean == 0);
  CHECK(*same.half_width == 0);
  CHECK_THROWS_AS(paired_difference({1}, {1, 2}), LogicError);
}

TEST_CASE("what the tiers moved by adds up to the whole difference") {
  const Contender a = contender("a", 0.5, 0.2);
  const Contender b = contender("b", 0.3, 0.25);
  double sum = 0;
  for (const TierMove& move : tier_moves(a, b)) sum += move.seconds;
  // Both took all of the machine's time, idle included: 2 devices for 10 s.
  CHECK(sum == Approx(0).margin(1e-15));
  CHECK(tier_moves(a, b).front().tier == "hbm");
  CHECK(tier_moves(a, b).front().seconds == Approx(-0.004));
  CHECK(tier_moves(a, a).empty());
  CHECK(
      why(a, b) ==
      "b needs 11 ms of machine time for an output token, a 14 ms; of the difference: hbm -4 ms (133 %), launch +1 ms "
      "(-33 %)");
  CHECK(why(a, a) == "a and a need the same machine time for a token");
}

TEST_CASE("a point is dominated where another one is no worse in both and better in one") {
  std::vector<Point> points = {point(10, 1), point(5, 5), point(1, 10), point(4, 4), point(5, 5), point(10, 0.5)};
  mark_dominated(points);
  CHECK_FALSE(points[0].dominated);
  CHECK_FALSE(points[1].dominated);
  CHECK_FALSE(points[2].dominated);
  CHECK(points[3].dominated);
  CHECK_FALSE(points[4].dominated);  // an equal one is not better
  CHECK(points[5].dominated);
}

TEST_CASE("a gate is a metric, a side and a factor") {
  const Gate gate = parse_gate("/latency/ttft_s/p95<=1.05");
  const std::vector<Contender> two = {contender("a", 0.5, 0.2, 1), contender("b", 0.5, 0.2, 1.05)};
  CHECK(broken_gate(gate, two).empty());
  const std::vector<Contender> worse = {contender("a", 0.5, 0.2, 1), contender("b", 0.5, 0.2, 1.0625)};
  REQUIRE(broken_gate(gate, worse).size() == 1);
  CHECK(broken_gate(gate, worse).front() == "/latency/ttft_s/p95<=1.05: b has 1.0625, the bound is 1.05");
  CHECK(broken_gate(parse_gate("/latency/ttft_s/p95>=1.05"), two).empty());
  CHECK(broken_gate(parse_gate("/latency/ttft_s/p95>=1.06"), two).size() == 1);
  Contender refused;
  refused.name = "c";
  refused.refusal = "its memory is smaller than the weights of the model";
  CHECK(broken_gate(gate, {two[0], refused}).front() ==
        "/latency/ttft_s/p95<=1.05: /latency/ttft_s/p95 is not known of c");
  for (const char* wrong : {"", "p95<=1", "/x<1", "/x<=", "/x<=zero", "/x<=1x", "/x<=-1", "<=1", "/x=1"}) {
    INFO(wrong);
    CHECK(refusal(wrong).find("is no gate") != std::string::npos);
  }
}
