// The load of experts against hand counts and against its limits.
#include "sim/llm/expert_load.hpp"

#include "tests/catch.hpp"

using namespace memwall;

TEST_CASE("even experts are as many as the chance of one says") {
  CHECK(expected_active_experts(256, 8, 1, 0) == Approx(8).epsilon(1e-12));
  CHECK(expected_active_experts(8, 2, 2, 0) == Approx(8 * (1 - 0.75 * 0.75)).epsilon(1e-12));
  CHECK(expected_active_experts(128, 8, 1e6, 0) == Approx(128).epsilon(1e-12));
  CHECK(expected_active_experts(4, 4, 1, 0) == Approx(4).epsilon(1e-12));
  CHECK(expected_active_experts(4, 2, 0, 0) == 0);
}

TEST_CASE("one token chooses top_k experts however uneven they are") {
  for (const double skew : {0.0, 0.3, 1.01, 2.0, 5.0}) {
    INFO(skew);
    CHECK(expected_active_experts(64, 6, 1, skew) == Approx(6).epsilon(1e-9));
  }
}

TEST_CASE("uneven experts are fewer active ones") {
  double last = expected_active_experts(128, 8, 64, 0);
  for (const double skew : {0.2, 0.5, 1.0, 1.5}) {
    const double active = expected_active_experts(128, 8, 64, skew);
    CHECK(active < last);
    CHECK(active >= 8);
    last = active;
  }
}

TEST_CASE("the fullest rank of even experts has the mean load") {
  for (const auto placement : {ExpertPlacement::balanced, ExpertPlacement::in_runs}) {
    CHECK(fullest_rank(256, 8, 32, 0, placement) == Approx(1).epsilon(1e-12));
    CHECK(fullest_rank(256, 8, 1, 1.2, placement) == Approx(1).epsilon(1e-12));
  }
}

TEST_CASE("four experts of harmonic popularity on two ranks, by hand") {
  // Shares 12 : 6 : 4 : 3 of 25. In runs the first rank has 18 of 25; dealt to the emptiest with room for two each:
  // 12 | 6, then 12 | 6 + 4, whose two places are taken, so the last goes to the first: 15 | 10.
  CHECK(fullest_rank(4, 1, 2, 1, ExpertPlacement::in_runs) == Approx(2 * 18.0 / 25).epsilon(1e-9));
  CHECK(fullest_rank(4, 1, 2, 1, ExpertPlacement::balanced) == Approx(2 * 15.0 / 25).epsilon(1e-9));
}

TEST_CASE("skew fills the fullest rank, and balance never makes it worse") {
  double last = 1;
  for (const double skew : {0.2, 0.5, 1.0, 1.5}) {
    const double runs = fullest_rank(256, 8, 16, skew, ExpertPlacement::in_runs);
    CHECK(runs > last);
    CHECK(runs <= 16);
    const double balanced = fullest_rank(256, 8, 16, skew, ExpertPlacement::balanced);
    CHECK(balanced >= 1 - 1e-12);
    CHECK(balanced <= runs);
    last = runs;
  }
}
