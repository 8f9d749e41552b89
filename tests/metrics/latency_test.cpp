// Latencies, percentiles and objectives by vLLM's definitions.
#include "sim/metrics/latency.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "sim/base/error.hpp"
#include "sim/metrics/slo.hpp"
#include "tests/catch.hpp"
#include "tests/metrics/spans.hpp"

using namespace memwall;
using memwall::test::Draws;

namespace {

RequestRecord request(std::int64_t arrival, std::int64_t first_token, std::int64_t finish, std::int64_t output) {
  RequestRecord out;
  out.arrival = {arrival};
  out.first_scheduled = {arrival + 5};
  out.first_token = {first_token};
  out.finish = {finish};
  out.output_tokens = output;
  return out;
}

bool meets(const Slo& slo, const RequestRecord& record) {
  return slo_met(request_bounds(slo), record, latency_of(record));
}

/// Percentile by the textbook: sort, take the position p (n - 1), go linearly between its neighbours.
double plain_quantile(std::vector<double> values, double p) {
  std::sort(values.begin(), values.end());
  const double position = p * static_cast<double>(values.size() - 1);
  const double below = std::floor(position);
  const double above = std::ceil(position);
  return values[static_cast<std::size_t>(below)] * (1 - (position - below)) +
         values[static_cast<std::size_t>(above)] * (position - below);
}

}  // namespace

TEST_CASE("latencies are measured from the arrival, and TPOT leaves the first token out") {
  const RequestLatency latency = latency_of(request(100, 300, 1300, 6));
  CHECK(latency.queue->ps == 5);
  CHECK(latency.ttft->ps == 200);
  CHECK(latency.e2e->ps == 1200);
  CHECK(latency.tpot->ps == 200);
  CHECK_FALSE(latency_of(request(100, 300, 300, 1)).tpot);
  CHECK(latency_of(request(0, 0, 7, 3)).tpot->ps == 4);  // 3.5 rounded up
  CHECK(latency_of(request(0, 0, 7, 4)).tpot->ps == 2);  // 2.33 rounded down
  CHECK(latency_of(request(0, 0, 8, 4)).tpot->ps == 3);  // 2.67 rounded up
}

TEST_CASE("what did not happen has no latency") {
  RequestRecord refused;
  refused.status = Status::rejected;
  refused.finish = {50};
  const RequestLatency none = latency_of(refused);
  CHECK_FALSE(none.queue);
  CHECK_FALSE(none.ttft);
  CHECK_FALSE(none.e2e);
  RequestRecord aborted = request(100, 300, 1300, 6);
  aborted.status = Status::aborted;
  CHECK(latency_of(aborted).ttft->ps == 200);
  CHECK_FALSE(latency_of(aborted).e2e);
  CHECK_FALSE(latency_of(aborted).tpot);
}

TEST_CASE("only completed requests enter the statistics, and single tokens not those of TPOT") {
  LatencyTally tally;
  RequestRecord aborted = request(0, 900, 1300, 6);
  aborted.status = Status::aborted;
  for (const RequestRecord& record : {request(0, 10, 110, 11), request(0, 30, 30, 1), aborted}) {
    tally.add(record, latency_of(record));
  }
  CHECK(tally.of(LatencyMetric::ttft)->count() == 2);
  CHECK(tally.of(LatencyMetric::tpot)->count() == 1);
  CHECK(tally.of(LatencyMetric::ttft)->summary().mean == Approx(20e-12));
  CHECK(tally.of(LatencyMetric::itl) == nullptr);
}

TEST_CASE("percentiles are numpy's linear ones") {
  Distribution known;
  for (const std::int64_t ps : {50, 15, 40, 20, 35}) known.add({ps});
  CHECK(known.quantiles({0.4}).front() == Approx(29e-12));
  CHECK(known.summary().p50 == Approx(35e-12));
  CHECK(known.summary().max == Approx(50e-12));
  CHECK(known.summary().std == Approx(std::sqrt(166.0) * 1e-12));

  Draws draws(31);
  Distribution distribution;
  std::vector<double> values;
  for (int i = 0; i < 777; ++i) {
    const Duration value{draws.between(1, 1'000'000'000'000)};
    distribution.add(value);
    values.push_back(value.seconds());
  }
  const std::vector<double> p = {0, 0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1};
  const std::vector<double> quantiles = distribution.quantiles(p);
  for (std::size_t i = 0; i < p.size(); ++i) CHECK(quantiles[i] == Approx(plain_quantile(values, p[i])).epsilon(1e-12));
  CHECK(distribution.exact());
}

TEST_CASE("many values go to the sketch, in whatever order and however merged") {
  Draws draws(32);
  Distribution exact;
  Distribution sketched(500);
  Distribution left(500);
  Distribution right(500);
  for (int i = 0; i < 900; ++i) {
    const Duration value{draws.between(1'000'000, 1'000'000'000)};
    exact.add(value);
    sketched.add(value);
    (i < 600 ? left : right).add(value);
  }
  CHECK(sketched.count() == 900);
  CHECK_FALSE(sketched.exact());
  CHECK(right.exact());
  CHECK(sketched.summary().p99 == Approx(exact.summary().p99).epsilon(0.005));
  CHECK(sketched.summary().mean == Approx(exact.summary().mean).epsilon(1e-12));
  CHECK(sketched.summary().max == exact.summary().max);
  CHECK(sketched.summary().std == Approx(exact.summary().std).epsilon(0.005));
  Distribution forward = left;
  forward.merge(right);
  Distribution backward = right;
  backward.merge(left);
  CHECK(forward.summary().p50 == sketched.summary().p50);
  CHECK(backward.summary().p50 == sketched.summary().p50);
  CHECK(backward.count() == 900);
  CHECK_THROWS_AS(exact.add(Duration{-1}), LogicError);
}

TEST_CASE("an empty distribution is a summary of zeros") {
  const Summary summary = Distribution().summary();
  CHECK(summary.count == 0);
  CHECK(summary.p99 == 0.0);
  CHECK(Distribution().quantiles({0.5}).front() == 0.0);
}

TEST_CASE("a request is good when it completed within every bound") {
  const Slo slo{{{LatencyMetric::ttft, 50, {100}}, {LatencyMetric::ttft, 99, {200}}, {LatencyMetric::tpot, 95, {10}}}};
  CHECK(meets(slo, request(0, 200, 300, 11)));
  CHECK_FALSE(meets(slo, request(0, 201, 301, 11)));
  CHECK_FALSE(meets(slo, request(0, 200, 311, 11)));
  CHECK(meets(slo, request(0, 200, 200, 1)));  // no second token: a TPOT of 0
  RequestRecord late = request(0, 100, 110, 11);
  late.status = Status::timed_out;
  CHECK_FALSE(meets(slo, late));
  CHECK(meets(Slo{}, request(0, 999, 9999, 2)));
  const Slo strictest_last{{{LatencyMetric::e2e, 99, {500}}, {LatencyMetric::e2e, 50, {100}}}};
  CHECK(request_bounds(strictest_last).e2e->ps == 500);
  CHECK(request_bounds(slo).any);
  CHECK_FALSE(request_bounds(Slo{}).any);
}

TEST_CASE("a run meets a bound when its percentile does") {
  const SloBound ttft{LatencyMetric::ttft, 99, Duration{2'000'000'000'000}};
  CHECK(judge(0, ttft, 2.0, 10, 10).met);
  CHECK_FALSE(judge(0, ttft, 2.0000001, 10, 10).met);
  CHECK_FALSE(judge(0, ttft, 0, 0, 0).met);  // nothing completed
  const SloBound tpot{LatencyMetric::tpot, 95, Duration{1}};
  CHECK(judge(0, tpot, 0, 0, 7).met);
  CHECK_FALSE(judge(0, tpot, 0, 0, 0).met);
}
