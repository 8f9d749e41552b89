// Fixed-point segments: sums are exact, splitting changes nothing, boundaries never go back.
#include "sim/base/ramp.hpp"

#include <cmath>

#include "tests/catch.hpp"

using namespace memwall;

TEST_CASE("the closed form of a ramp equals adding its cycles one by one") {
  const Ramp ramp{Ramp::fixed(0.0071234567), Ramp::fixed(1.25e-9)};
  Int128 sum = 0;
  for (std::int64_t k = 0; k < 1000; ++k) {
    CHECK(ramp.sum(k) == sum);
    sum += ramp.at(k);
  }
}

TEST_CASE("a segment that is continued from a later cycle has the same boundaries") {
  const SegmentClock clock{Time{5}, {Ramp::fixed(1e-3) + 12345, 77}};
  const Ramp rest = clock.length.from(400);
  CHECK(clock.length.sum(400) + rest.sum(600) == clock.length.sum(1000));
}

TEST_CASE("the boundary at or after a time is the one that an arrival joins") {
  const SegmentClock clock{Time{1000}, {static_cast<Int128>(10) << Ramp::fraction_bits, 0}};
  CHECK(clock.first_boundary_at_or_after(Time{1000}, 100) == 0);
  CHECK(clock.first_boundary_at_or_after(Time{1010}, 100) == 1);
  CHECK(clock.first_boundary_at_or_after(Time{1011}, 100) == 2);
  CHECK(clock.first_boundary_at_or_after(Time{999999}, 100) == 100);
}

TEST_CASE("femtoseconds of growth are kept to a hundredth of a percent") {
  const Ramp ramp{Ramp::fixed(1e-6), Ramp::fixed(1e-15)};  // a femtosecond a cycle
  const std::int64_t growth = whole_ps(ramp.sum(100000)) - 100000LL * 1000000;
  CHECK(std::abs(static_cast<double>(growth) - 4999950) < 500);  // the sum of k femtoseconds for k < 10^5, in ps
}
