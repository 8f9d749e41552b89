// Largest-remainder shares: whole picoseconds that add up, with no tier off by one or more.
#include "sim/metrics/apportion.hpp"

#include "sim/base/error.hpp"
#include "tests/catch.hpp"
#include "tests/metrics/spans.hpp"

using namespace memwall;
using memwall::test::Draws;

namespace {

constexpr Int128 one = static_cast<Int128>(1) << Ramp::fraction_bits;

}  // namespace

TEST_CASE("apportioned picoseconds add up to the total and each tier is within one of its part") {
  Draws draws(11);
  for (int round = 0; round < 2000; ++round) {
    TierArray<Int128> parts;
    Int128 sum = 0;
    const std::int64_t tiers = draws.between(1, static_cast<std::int64_t>(tier_count));
    for (std::int64_t i = 0; i < tiers; ++i) {
      Int128& part = parts.at[static_cast<std::size_t>(i)];
      part = draws.between(0, 3) * one + draws.between(0, (1 << 24) - 1);
      sum += part;
    }
    // Boundaries are rounded down, so the whole picoseconds between two of them are the sum rounded down or up.
    for (const std::int64_t total : {whole_ps(sum), whole_ps(sum + one - 1)}) {
      const TierArray<Duration> shares = apportion(Duration{total}, parts);
      std::int64_t given = 0;
      for (std::size_t i = 0; i < tier_count; ++i) {
        given += shares.at[i].ps;
        const Int128 off = shares.at[i].ps * one - parts.at[i];
        REQUIRE(off > -one);
        REQUIRE(off < one);
        for (std::size_t j = 0; j < tier_count; ++j) {
          const bool i_up = shares.at[i].ps > whole_ps(parts.at[i]);
          const bool j_up = shares.at[j].ps > whole_ps(parts.at[j]);
          if (i_up && !j_up) REQUIRE(parts.at[i] % one >= parts.at[j] % one);
        }
      }
      REQUIRE(given == total);
    }
  }
}

TEST_CASE("equal fractions go to the earlier tier") {
  TierArray<Int128> parts;
  parts[Tier::hbm] = one / 2;
  parts[Tier::launch] = 3 * one + one / 2;
  parts[Tier::host_cpu] = one;
  const TierArray<Duration> shares = apportion(Duration{5}, parts);
  CHECK(shares[Tier::hbm].ps == 1);
  CHECK(shares[Tier::launch].ps == 3);
  CHECK(shares[Tier::host_cpu].ps == 1);
}

TEST_CASE("parts that do not add up to the total are a defect") {
  TierArray<Int128> parts;
  parts[Tier::hbm] = 5 * one;
  CHECK_THROWS_AS(apportion(Duration{6}, parts), LogicError);
  CHECK_THROWS_AS(apportion(Duration{4}, parts), LogicError);
  CHECK(apportion(Duration{5}, parts)[Tier::hbm].ps == 5);
}
