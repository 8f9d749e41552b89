// Arrival processes against their theory: means of gaps and of their squares, and dispersion of counts. Each is
// estimated for independent seeds, so that its sampling error is known.
#include "workloads/generators/arrivals.hpp"

#include <algorithm>
#include <functional>

#include "sim/base/error.hpp"
#include "tests/catch.hpp"
#include "tests/workloads/sampling.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

constexpr std::uint64_t seeds = 40;

std::vector<double> arrivals_of(const OpenArrivals& arrivals, std::uint64_t seed, std::size_t count) {
  const auto process = arrival_process(arrivals, {.seed = seed, .stream = 3, .request = 0});
  std::vector<double> out;
  for (std::size_t i = 0; i < count; ++i) {
    const Time next = process->next();
    if (next == Time::never()) break;
    out.push_back(next.seconds());
  }
  CHECK(std::is_sorted(out.begin(), out.end()));
  return out;
}

/// Gaps of a renewal process with this mean and this coefficient of variation.
void check_gaps(const std::string& name, const OpenArrivals& arrivals, double mean, double cv) {
  std::vector<double> means, squares;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const auto at = arrivals_of(arrivals, seed, 5000);
    double last = 0, square = 0;
    for (const double t : at) {
      square += (t - last) * (t - last);
      last = t;
    }
    means.push_back(last / 5000);
    squares.push_back(square / 5000);
  }
  check_mean(name + " gap", means, mean);
  check_mean(name + " squared gap", squares, mean * mean * (1 + cv * cv));
}

/// Counts of the windows from a time on: their mean and variance over mean.
void check_counts(const std::string& name, const OpenArrivals& arrivals, double window_s, std::size_t windows,
                  double mean, double dispersion) {
  std::vector<double> means, dispersions;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const auto process = arrival_process(arrivals, {.seed = seed, .stream = 4, .request = 0});
    std::vector<double> counts(windows, 0);
    for (double t = process->next().seconds(); t < window_s * static_cast<double>(windows);
         t = process->next().seconds()) {
      ++counts[static_cast<std::size_t>(t / window_s)];
    }
    double square = 0;
    for (const double count : counts) square += (count - mean) * (count - mean);
    means.push_back(mean_of(counts));
    dispersions.push_back(square / static_cast<double>(windows) / mean);
  }
  check_mean(name + " count", means, mean);
  check_mean(name + " dispersion", dispersions, dispersion);
}

double poisson_like_count(const OpenArrivals& arrivals, std::uint64_t seed, double from, double to) {
  const auto process = arrival_process(arrivals, {.seed = seed, .stream = 5, .request = 0});
  double count = 0;
  for (Time t = process->next(); t != Time::never() && t.seconds() < to; t = process->next()) {
    count += t.seconds() >= from ? 1 : 0;
  }
  return count;
}

/// Mean number of arrivals of a curve between two moments.
void check_area(const std::string& name, const OpenArrivals& arrivals, double from, double to, double expected) {
  std::vector<double> counts;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) counts.push_back(poisson_like_count(arrivals, seed, from, to));
  check_mean(name, counts, expected);
}

CurveArrivals curve(std::vector<RatePiece> pieces, AfterCurve after, double cv = 1) {
  return {{std::move(pieces), after}, cv};
}

}  // namespace

TEST_CASE("gaps of renewal processes have the mean and the spread of theory") {
  check_gaps("poisson", GammaArrivals{PerSecond{4}, 1}, 0.25, 1);
  check_gaps("gamma, bursty", GammaArrivals{PerSecond{4}, 2.5}, 0.25, 2.5);
  check_gaps("gamma, smooth", GammaArrivals{PerSecond{4}, 0.3}, 0.25, 0.3);
  for (const double shape : {0.6, 1.0, 3.0}) {
    // CV^2 of a Weibull variable is gamma(1 + 2 / k) / gamma(1 + 1 / k)^2 - 1.
    const double g1 = std::tgamma(1 + 1 / shape);
    check_gaps("weibull", WeibullArrivals{PerSecond{4}, shape}, 0.25,
               std::sqrt(std::tgamma(1 + 2 / shape) / (g1 * g1) - 1));
  }
}

TEST_CASE("counts of a Poisson process are Poisson, and those of negative binomial windows as dispersed as asked") {
  check_counts("poisson", GammaArrivals{PerSecond{6}, 1}, 1, 1000, 6, 1);
  for (const double dispersion : {1.5, 8.0, 30.0}) {
    check_counts("negative binomial", CountArrivals{PerSecond{6}, Seconds{2}, dispersion}, 2, 1000, 12, dispersion);
  }
}

TEST_CASE("negative binomial windows have the distribution, not only the dispersion") {
  // P(0) = (1 + mean / r)^-r with r = mean / (dispersion - 1).
  const CountArrivals process{PerSecond{3}, Seconds{1}, 4};
  std::vector<double> empty;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const auto at = arrivals_of(process, seed, 3000);
    const auto whole = static_cast<std::size_t>(at.back());
    std::vector<double> counts(whole, 0);
    for (const double t : at) {
      if (t < static_cast<double>(whole)) ++counts[static_cast<std::size_t>(t)];
    }
    empty.push_back(static_cast<double>(std::count(counts.begin(), counts.end(), 0.0)) / static_cast<double>(whole));
  }
  check_mean("share of empty windows", empty, std::pow(1 + 3.0, -1.0));
}

TEST_CASE("a process of two states has the rate and the dispersion of theory at every scale") {
  // Heffes and Lucantoni, A Markov modulated characterization of packetized voice and data traffic, 1986: with a = 1 /
  // sojourn, b = 1 / other sojourn and c = a + b, the index of dispersion of counts at t is
  // 1 + 2 a b (r1 - r2)^2 / (c^2 (r1 b + r2 a)) (1 - (1 - e^(-c t)) / (c t)).
  const Mmpp2Arrivals process{{PerSecond{20}, PerSecond{1}}, {Seconds{2}, Seconds{6}}};
  const double a = 1.0 / 2, b = 1.0 / 6, c = a + b, rate = (20 * 2 + 1 * 6) / 8.0;
  CHECK(long_run_rate(process).value == Approx(rate));
  for (const double t : {0.5, 4.0, 20.0}) {
    const double limit = 2 * a * b * 19 * 19 / (c * c * (20 * b + 1 * a));
    check_counts("mmpp2", process, t, static_cast<std::size_t>(8000 / t), rate * t,
                 1 + limit * (1 - (1 - std::exp(-c * t)) / (c * t)));
  }
  // A state that is silent is left all the same.
  check_counts("on and off", Mmpp2Arrivals{{PerSecond{10}, PerSecond{0}}, {Seconds{1}, Seconds{1}}}, 1, 4000, 5,
               1 + 2 * 100 / (4.0 * 10) * (1 - (1 - std::exp(-2.0)) / 2));
}

TEST_CASE("a rate curve brings as many arrivals as its area, wherever one looks") {
  const auto ramp = curve({{Seconds{100}, PerSecond{0}, PerSecond{8}}}, AfterCurve::holds);
  check_area("first half of a ramp", ramp, 0, 50, 100);
  check_area("second half", ramp, 50, 100, 300);
  check_area("behind it", ramp, 100, 150, 400);
  const auto growth = curve({{Seconds{100}, PerSecond{1}, PerSecond{16}, true}}, AfterCurve::holds);
  check_area("exponential ramp, first half", growth, 0, 50, 3 * 100 / std::log(16.0));
  check_area("exponential ramp, second half", growth, 50, 100, 12 * 100 / std::log(16.0));
  const auto day = curve({{Seconds{60}, PerSecond{2}, PerSecond{6}}, {Seconds{60}, PerSecond{6}, PerSecond{2}}},
                         AfterCurve::repeats);
  CHECK(long_run_rate(day).value == Approx(4));
  check_area("a quiet quarter, ten periods later", day, 1170, 1230, 180);
  check_area("a busy quarter", day, 1230, 1290, 300);
  // Smooth gaps in operational time leave the area alone and thin its spread: var / mean tends to cv^2.
  std::vector<double> smooth;
  auto drop = day;
  drop.cv = 0.2;
  for (std::uint64_t seed = 1; seed <= 4 * seeds; ++seed) smooth.push_back(poisson_like_count(drop, seed, 0, 1200));
  check_mean("smooth day", smooth, 4800);
  const double variance = standard_error(smooth) * standard_error(smooth) * static_cast<double>(smooth.size());
  CHECK(variance < 3 * 0.04 * 4800);  // Poisson would have 4,800
}

TEST_CASE("stages follow each other and end the arrivals") {
  const auto sweep = curve({{Seconds{50}, PerSecond{2}, PerSecond{2}},
                            {Seconds{50}, PerSecond{0}, PerSecond{0}},
                            {Seconds{50}, PerSecond{9}, PerSecond{9}}},
                           AfterCurve::ends);
  CHECK(ends(OpenArrivals{sweep}));
  check_area("first stage", sweep, 0, 50, 100);
  check_area("last stage", sweep, 100, 150, 450);
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    CHECK(poisson_like_count(sweep, seed, 50, 100) == 0);
    const auto all = arrivals_of(sweep, seed, 1'000'000);
    CHECK(all.size() < 1000);
    CHECK(all.back() <= 150);
  }
}

TEST_CASE("a rate clock is the inverse of the area, to the picosecond where that is exact") {
  RateClock clock(
      {{{Seconds{10}, PerSecond{0}, PerSecond{2}}, {Seconds{5}, PerSecond{0}, PerSecond{0}}}, AfterCurve::repeats});
  // The area up to t is t^2 / 10, so one arrival is expected after the root of 10, and 9 after the root of 90.
  CHECK(clock.advance(1).seconds() == Approx(std::sqrt(10.0)).epsilon(1e-12));
  CHECK(clock.advance(8).seconds() == Approx(std::sqrt(90.0)).epsilon(1e-12));
  CHECK(clock.advance(1 + 2.5).seconds() ==
        Approx(15 + 5).epsilon(1e-12));  // 10 in the piece, then 2.5 in the next one
  CHECK(clock.advance(5'000'000).seconds() == Approx(15.0 * 500'001 + 5).epsilon(1e-12));
  RateClock once({{{Seconds{1}, PerSecond{3}, PerSecond{3}}}, AfterCurve::ends});
  CHECK(once.advance(2.9).seconds() == Approx(2.9 / 3));
  CHECK(once.advance(0.2) == Time::never());
}
