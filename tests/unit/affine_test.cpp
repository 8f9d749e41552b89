// The cost algebra against direct evaluation: whatever is combined, the piece equals the plain formula at every cycle
// before its horizon, and the horizon is where it stops being so.
#include "sim/base/affine.hpp"

#include "sim/base/random.hpp"
#include "tests/catch.hpp"

using namespace memwall;

TEST_CASE("the larger of two lines holds until they cross") {
  const Affine steady{10, 0};
  const Affine rising{4, 2};
  const Affine both = max(steady, rising);
  CHECK(both.value == 10);
  CHECK(both.horizon == 3);  // 4 + 2 k reaches 10 at k = 3
  CHECK(max(rising, steady).value == 10);
}

TEST_CASE("on a tie at the first cycle the larger slope wins") {
  const Affine winner = max(Affine{5, 1}, Affine{5, 3});
  CHECK(winner.slope == 3);
  CHECK(winner.horizon == Affine::forever);
  CHECK(min(Affine{5, 1}, Affine{5, 3}).slope == 1);
}

TEST_CASE("a crossing inside the first cycle still leaves one cycle") {
  CHECK(max(Affine{5, 0}, Affine{4.9, 100}).horizon == 1);
}

TEST_CASE("the smaller of two lines holds until they cross") {
  const Affine both = min(Affine{10, 0}, Affine{4, 2.5});
  CHECK(both.value == 4);
  CHECK(both.horizon == 3);  // ceil(6 / 2.5)
}

TEST_CASE("a table is linear between knots, flat below and continued above") {
  const TimeTable table({{10, 1}, {20, 3}, {40, 4}});
  CHECK(table.at(0.0) == 1);
  CHECK(table.at(15.0) == 2);
  CHECK(table.at(60.0) == 5);
  const Affine piece = table.at(Affine{12, 3});
  CHECK(piece.value == Approx(1.4));
  CHECK(piece.slope == Approx(0.6));
  CHECK(piece.horizon == 3);  // 12 + 3 k reaches 20 at 2.67
  CHECK(table.at(Affine{60, 3}).horizon == Affine::forever);
  CHECK(table.at(Affine{20, 1}).slope == Approx(0.05));
  CHECK(table.at(Affine{20, -1}).slope == Approx(-0.2));
}

TEST_CASE("a table that falls is lifted and says so") {
  const TimeTable table({{0, 1}, {1, 0.5}, {2, 2}});
  CHECK(table.lifted() == 1);
  CHECK(table.at(1.0) == 1);
}

TEST_CASE("a window counts full sequences at the window and ends when the longest reaches it") {
  const Affine sum = window_sum(30, 3, 2, 100, 97);
  CHECK(sum.value == 230);
  CHECK(sum.slope == 3);
  CHECK(sum.horizon == 3);
  CHECK(window_sum(0, 0, 2, 100, 0).horizon == Affine::forever);
}

TEST_CASE("random formulas equal their plain evaluation before the horizon") {
  const TimeTable table({{0, 1}, {50, 2}, {200, 9}, {1000, 10}});
  for (std::uint64_t i = 0; i < 2000; ++i) {
    INFO("seed 1, formula " << i);
    const DrawKey key{1, 0, i, Purpose::test};
    auto draw = [&](std::uint64_t n, double scale) { return random_uniform(key, n) * scale; };
    const Affine a{draw(0, 100), draw(1, 3)};
    const Affine b{draw(2, 100), draw(3, 3) - 1.5};
    const Affine c{draw(4, 20), draw(5, 1)};
    auto plain = [&](double x, double y, double z) { return std::max(table.at(x), std::min(y, z) * 0.5) + 2 * z; };
    const Affine piece = max(table.at(a), min(b, c) * 0.5) + c * 2.0;
    REQUIRE(piece.horizon >= 1);
    const std::int64_t last = std::min<std::int64_t>(piece.horizon - 1, 500);
    for (const std::int64_t k : {std::int64_t{0}, last / 2, last}) {
      CHECK(piece.at(k) == Approx(plain(a.at(k), b.at(k), c.at(k))).epsilon(1e-12));
    }
  }
}
