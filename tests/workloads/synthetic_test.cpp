// Generated requests: arrival processes, lengths, and draws that do not depend on one another.
#include "workloads/generators/synthetic.hpp"

#include <algorithm>
#include <cmath>

#include "sim/base/error.hpp"
#include "tests/catch.hpp"
#include "tests/workloads/trace_files.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

SyntheticOptions generator(std::int64_t requests, const Arrivals& arrivals, const Length& input, const Length& output) {
  SyntheticOptions options;
  options.begin.extent.count = requests;
  options.begin.arrivals = arrivals;
  options.shape.lengths.input = input;
  options.shape.lengths.output = output;
  return options;
}

SyntheticOptions fixed(std::int64_t requests, const Arrivals& arrivals) {
  return generator(requests, arrivals, FixedLength{512}, FixedLength{128});
}

std::vector<Request> generated(const SyntheticOptions& options, std::uint64_t seed = 1, std::int32_t workload = 0) {
  const SourceContext context{.seed = seed, .workload = workload, .base_directory = {}, .search = {}};
  return drained(*synthetic_requests(options, context));
}

/// Mean and coefficient of variation of the gaps, the one before the first request included.
std::pair<double, double> gaps(const std::vector<Request>& requests) {
  double previous = 0, sum = 0, squares = 0;
  for (const Request& request : requests) {
    const double gap = request.arrival.seconds() - previous;
    previous = request.arrival.seconds();
    sum += gap;
    squares += gap * gap;
  }
  const auto n = static_cast<double>(requests.size());
  const double mean = sum / n;
  return {mean, std::sqrt(squares / n - mean * mean) / mean};
}

std::vector<double> draws(const Length& length, std::int64_t count) {
  SyntheticOptions options = fixed(count, OpenArrivals{ConstantArrivals{}});
  options.shape.lengths.output = length;
  std::vector<double> out;
  for (const Request& request : generated(options)) out.push_back(static_cast<double>(request.output_tokens));
  return out;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

}  // namespace

TEST_CASE("arrival processes have the asked rate and burstiness") {
  const auto [poisson_gap, poisson_cv] = gaps(generated(fixed(100000, OpenArrivals{GammaArrivals{PerSecond{4}, 1}})));
  CHECK(poisson_gap == Approx(0.25).epsilon(0.013));
  CHECK(poisson_cv == Approx(1).epsilon(0.02));
  const auto [bursty_gap, bursty_cv] = gaps(generated(fixed(100000, OpenArrivals{GammaArrivals{PerSecond{4}, 3}})));
  CHECK(bursty_gap == Approx(0.25).epsilon(0.04));
  CHECK(bursty_cv == Approx(3).epsilon(0.06));
  const auto steady = generated(fixed(1000, OpenArrivals{ConstantArrivals{PerSecond{3}}}));
  CHECK(steady[2].arrival.ps == 1'000'000'000'000);
  CHECK(steady[999].arrival.ps == 333'333'333'333'333);  // no rounding piled up
}

TEST_CASE("requests carry a length end and nothing to share") {
  const auto requests = generated(fixed(3, OpenArrivals{ConstantArrivals{}}), 1, 7);
  for (const Request& request : requests) {
    CHECK(request.input_tokens == 512);
    CHECK(request.output_tokens == 128);
    CHECK(request.max_tokens == 128);
    CHECK_FALSE(request.stops_by_eos);
    CHECK(request.prompt.empty());
  }
  auto hidden = fixed(3, OpenArrivals{ConstantArrivals{}});
  hidden.shape.stop = {.eos = true, .max_tokens = 4096, .timeout = {}};
  CHECK(generated(hidden)[0].stops_by_eos);
  CHECK(generated(hidden)[0].max_tokens == 4096);
}

TEST_CASE("a closed loop keeps its number of requests in flight and waits its delay") {
  const auto source = synthetic_requests(fixed(5, ClosedLoop{2, Duration{1000}}), {});
  CHECK(source->next_arrival() == Time{0});
  const Request a = source->pop();
  const Request b = source->pop();
  CHECK(b.arrival == Time{0});
  CHECK(source->next_arrival() == Time::never());
  source->ended(b, Time{5000});
  source->ended(a, Time{4000});
  CHECK(source->next_arrival() == Time{5000});
  source->ended(source->pop(), Time{5500});
  CHECK(source->next_arrival() == Time{6000});
  (void)source->pop();
  CHECK(source->next_arrival() == Time{6500});
  const Request last = source->pop();
  CHECK(source->exhausted());
  source->ended(last, Time{9000});
  CHECK(source->next_arrival() == Time::never());
  // Fewer requests than clients: only so many begin.
  CHECK(generated(fixed(3, ClosedLoop{100, {}})).size() == 3);
}

TEST_CASE("lengths follow their distributions") {
  const auto uniform = draws(UniformLength{10, 19}, 20000);
  CHECK(mean(uniform) == Approx(14.5).margin(0.1));
  CHECK(*std::min_element(uniform.begin(), uniform.end()) == 10);
  CHECK(*std::max_element(uniform.begin(), uniform.end()) == 19);

  const auto lognormal = draws(LognormalLength{1000, 0.8, 1, 1'000'000}, 100000);
  CHECK(mean(lognormal) == Approx(1000).epsilon(0.011));
  double squares = 0;
  for (const double x : lognormal) squares += (x - 1000) * (x - 1000);
  CHECK(std::sqrt(squares / 1e5) / 1000 == Approx(0.8).epsilon(0.03));

  const auto truncated = draws(LognormalLength{1000, 0.8, 900, 1100}, 5000);
  CHECK(*std::min_element(truncated.begin(), truncated.end()) == 900);
  CHECK(*std::max_element(truncated.begin(), truncated.end()) == 1100);
  CHECK_THROWS_AS(draws(LognormalLength{10, 0.1, 900, 1100}, 1), InputError);

  const auto grid = draws(EmpiricalLength{{0, 0.5, 1}, {1, 101, 1001}}, 20000);
  CHECK(static_cast<double>(std::count_if(grid.begin(), grid.end(), [](double x) { return x <= 101; })) / 20000 ==
        Approx(0.5).margin(0.015));
  CHECK(mean(grid) == Approx((51 + 551) / 2.0).epsilon(0.03));
}

TEST_CASE("changing one thing leaves the draws of the others alone") {
  const auto base = generated(generator(200, OpenArrivals{GammaArrivals{PerSecond{1}, 2}},
                                        LognormalLength{100, 1, 1, 100000}, UniformLength{1, 1000}));
  const auto other = generated(generator(100, OpenArrivals{GammaArrivals{PerSecond{1}, 2}},
                                         LognormalLength{100, 1, 50, 200}, UniformLength{1, 1000}));
  int changed = 0;
  for (std::size_t i = 0; i < other.size(); ++i) {
    CHECK(base[i].arrival == other[i].arrival);
    CHECK(base[i].output_tokens == other[i].output_tokens);
    changed += base[i].input_tokens != other[i].input_tokens ? 1 : 0;
  }
  CHECK(changed > 0);
  const auto reseeded = generated(fixed(10, OpenArrivals{GammaArrivals{}}), 2);
  const auto moved = generated(fixed(10, OpenArrivals{GammaArrivals{}}), 1, 1);
  const auto same = generated(fixed(10, OpenArrivals{GammaArrivals{}}));
  CHECK(reseeded[0].arrival != same[0].arrival);
  CHECK(moved[0].arrival != same[0].arrival);
}

TEST_CASE("a workload that cannot fit the clock is refused before it runs") {
  CHECK_THROWS_AS(synthetic_requests(fixed(10'000'000, OpenArrivals{ConstantArrivals{PerSecond{1}}}), {}), InputError);
  CHECK_THROWS_AS(synthetic_requests(fixed(2, OpenArrivals{GammaArrivals{PerSecond{1e-9}, 1}}), {}), InputError);
}

TEST_CASE("where arrivals are so rare that the next one lies past the clock, a duration ends before it") {
  const OpenArrivals rare[] = {GammaArrivals{PerSecond{1e-9}, 1},
                               ConstantArrivals{PerSecond{1e-9}},
                               WeibullArrivals{PerSecond{1e-9}, 0.5},
                               Mmpp2Arrivals{{PerSecond{1e-9}, PerSecond{0}}, {Seconds{1e5}, Seconds{1e5}}},
                               CurveArrivals{{{{Seconds{1}, PerSecond{0}, PerSecond{1e-9}}}, AfterCurve::holds}, 1},
                               CurveArrivals{{{{Seconds{1}, PerSecond{0}, PerSecond{1e-9}}}, AfterCurve::repeats}, 1}};
  for (const OpenArrivals& arrivals : rare) {
    SyntheticOptions options = fixed(5, arrivals);
    options.begin.extent.until = Time{60'000'000'000'000};
    CHECK(generated(options).empty());
  }
}

TEST_CASE("a client that gives up does so its timeout after its arrival") {
  SyntheticOptions options = fixed(3, OpenArrivals{ConstantArrivals{}});
  CHECK(generated(options)[0].gives_up == Time::never());
  options.shape.stop.timeout = Duration{5'000'000};
  for (const Request& request : generated(options)) CHECK(request.gives_up == request.arrival + Duration{5'000'000});
}
