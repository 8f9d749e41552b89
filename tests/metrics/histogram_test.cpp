// The sketch of durations: leaps equal single cycles, and quantiles are as close as promised.
#include "sim/metrics/histogram.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "sim/base/error.hpp"
#include "tests/catch.hpp"
#include "tests/metrics/spans.hpp"

using namespace memwall;
using memwall::test::Draws;

namespace {

Int128 ps(std::int64_t value) { return static_cast<Int128>(value) << Ramp::fraction_bits; }

Histogram one_by_one(Ramp ramp, std::int64_t cycles, std::int64_t count) {
  Histogram out;
  for (std::int64_t k = 0; k < cycles; ++k) out.add(ramp.at(k), count);
  return out;
}

}  // namespace

TEST_CASE("a ramp added at once, in parts or cycle by cycle leaves the same histogram") {
  Draws draws(1);
  for (int round = 0; round < 300; ++round) {
    const std::int64_t cycles = draws.between(1, 400);
    const int magnitude = static_cast<int>(draws.between(0, 40));
    Ramp ramp{ps(draws.between(0, std::int64_t{1} << magnitude)) + draws.between(0, 1 << 24), 0};
    const Int128 reach = ramp.first / cycles;
    ramp.step = draws.once_in(2) ? reach * draws.between(0, 100) / 50 : -reach * draws.between(0, 100) / 100;
    if (draws.once_in(3)) ramp.step = draws.between(0, 3);
    const std::int64_t count = draws.between(1, 100);

    Histogram leap;
    leap.add_ramp(ramp, cycles, count);
    Histogram parts;
    for (std::int64_t from = 0; from < cycles;) {
      const std::int64_t until = draws.between(from + 1, cycles);
      parts.add_ramp(ramp.from(from), until - from, count);
      from = until;
    }
    const Histogram single = one_by_one(ramp, cycles, count);
    REQUIRE(leap == single);
    REQUIRE(parts == single);
    REQUIRE(leap.sum() == ramp.sum(cycles) * count);
  }
}

TEST_CASE("a ramp that passes edges of buckets on the very picosecond counts each cycle once") {
  for (const std::int64_t start : {500, 510, 1020, 65530}) {
    for (const std::int64_t step : {1, 2, 4, 256}) {
      for (const std::int64_t fraction : {0, 1, (1 << 24) - 1}) {
        const Ramp up{ps(start) + fraction, ps(step)};
        const Ramp down{up.at(1000), -up.step};
        Histogram leap;
        leap.add_ramp(up, 1001, 1);
        Histogram back;
        back.add_ramp(down, 1001, 1);
        CHECK(leap == one_by_one(up, 1001, 1));
        CHECK(back == leap);
        CHECK(leap.count() == 1001);
        CHECK(leap.min().ps == start);
        CHECK(leap.max().ps == start + 1000 * step);
      }
    }
  }
}

TEST_CASE("quantiles of the sketch are within half a percent of the true ones") {
  Draws draws(2);
  Histogram histogram;
  std::vector<std::int64_t> values;
  for (int i = 0; i < 20000; ++i) {
    const double spread = draws.uniform();
    values.push_back(static_cast<std::int64_t>(1e6 + 1e12 * spread * spread * spread * spread));
    histogram.add(Duration{values.back()});
  }
  std::sort(values.begin(), values.end());
  for (int percent = 0; percent <= 100; ++percent) {
    const double p = percent / 100.0;
    const double position = p * static_cast<double>(values.size() - 1);
    const auto rank = static_cast<std::size_t>(position);
    const double low = static_cast<double>(values[rank]);
    const double high = static_cast<double>(values[std::min(rank + 1, values.size() - 1)]);
    const double truth = low + (high - low) * (position - static_cast<double>(rank));
    INFO("percentile " << percent);
    CHECK(std::abs(histogram.quantile_ps(p) - truth) <= 0.005 * truth);
  }
  CHECK(histogram.quantile_ps(0) == static_cast<double>(values.front()));
  CHECK(histogram.quantile_ps(1) == static_cast<double>(values.back()));
}

TEST_CASE("equal durations have exact quantiles and no deviation") {
  Histogram histogram;
  histogram.add(Duration{7316123456}, 1000);
  CHECK(histogram.quantile_ps(0.5) == 7316123456.0);
  CHECK(histogram.quantile_ps(0.99) == 7316123456.0);
  CHECK(histogram.mean_ps() == 7316123456.0);
  CHECK(histogram.deviation_ps() == 0.0);
}

TEST_CASE("merging equals adding everything to one, and an empty histogram answers 0") {
  Draws draws(3);
  Histogram all;
  Histogram left;
  Histogram right;
  CHECK(all.quantile_ps(0.5) == 0.0);
  CHECK(all.mean_ps() == 0.0);
  left.merge(right);
  CHECK(left == all);
  for (int i = 0; i < 1000; ++i) {
    const Duration value{draws.between(0, std::int64_t{1} << draws.between(1, 62))};
    all.add(value, 3);
    (i % 3 == 0 ? left : right).add(value, 3);
  }
  left.merge(right);
  CHECK(left == all);
  CHECK(left.count() == 3000);
}

TEST_CASE("the largest duration of the clock has a bucket, and none is negative") {
  Histogram histogram;
  histogram.add(Duration{INT64_MAX});
  CHECK(histogram.max().ps == INT64_MAX);
  CHECK(histogram.quantile_ps(0.5) == static_cast<double>(INT64_MAX));
  CHECK_THROWS_AS(histogram.add(Int128{-1}), LogicError);
  CHECK_THROWS_AS(histogram.add_ramp({ps(10), -ps(1)}, 12, 1), LogicError);
  CHECK(histogram.count() == 1);
}
