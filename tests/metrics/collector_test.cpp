// Everything together: one report, however the cycles of the replicas were cut and interleaved.
#include "sim/metrics/collector.hpp"

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "sim/base/error.hpp"
#include "tests/catch.hpp"
#include "tests/metrics/spans.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

constexpr Duration second{1'000'000'000'000};

CollectorSetup two_pools() {
  CollectorSetup setup;
  setup.pools = {{"prefill", 4, 1, 1000}, {"decode", 8, 2, 0}};
  setup.workloads = {{"llama", "acme", "gold", {{{LatencyMetric::ttft, 99, Duration{300}}}}}, {"llama", "", "", {}}};
  return setup;
}

struct Life {
  std::vector<Segment> segments;
  std::vector<Time> gaps;  ///< end of the idle gap after each segment
};

/// The lives of three replicas; their clocks go on where the last segment ended.
std::vector<Life> random_lives(std::uint64_t seed) {
  Draws draws(seed);
  std::vector<Life> lives(3);
  for (std::size_t replica = 0; replica < lives.size(); ++replica) {
    Time now;
    std::int64_t cycle = 0;
    for (int i = 0; i < 6; ++i) {
      Segment segment = random_segment(draws, 150);
      segment.span.pool = {replica == 0 ? 0 : 1};
      segment.span.replica = {static_cast<std::int32_t>(replica)};
      segment.span.first_cycle = cycle;
      segment.span.clock.origin = now;
      cycle += segment.span.cycles;
      now = SegmentClock{now, segment.ramps.duration()}.boundary(segment.span.cycles);
      now = now + Duration{draws.once_in(2) ? draws.between(1, 5000) : 0};
      lives[replica].segments.push_back(segment);
      lives[replica].gaps.push_back(now);
    }
  }
  return lives;
}

void tell(Collector& collector, const std::vector<Life>& lives, Cut cut, bool one_after_another) {
  Draws draws(77);
  const auto tell_segment = [&](const Life& life, std::size_t i) {
    const Segment& segment = life.segments[i];
    report(segment, cut, draws, [&](const CycleSpan& span) { collector.cycles(span); });
    const Time end = part(segment, 0, segment.span.cycles).end();
    if (end < life.gaps[i]) collector.idle({segment.span.pool, segment.span.replica, end, life.gaps[i]});
    collector.segment(segment.span.replica, segment.span.first_cycle, segment.span.cycles, segment.ramps, i);
  };
  if (one_after_another) {
    for (const Life& life : lives) {
      for (std::size_t i = 0; i < life.segments.size(); ++i) tell_segment(life, i);
    }
  } else {
    for (std::size_t i = 0; i < lives.front().segments.size(); ++i) {
      for (const Life& life : lives) tell_segment(life, i);
    }
  }
  collector.finish();
}

/// The rows of each replica, in their order.
std::map<std::string, std::string> by_replica(const std::string& csv) {
  std::map<std::string, std::string> out;
  std::istringstream lines(csv);
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    const std::size_t comma = line.find(',');
    out[line.substr(0, line.find(',', comma + 1))] += line + "\n";
  }
  return out;
}

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> out;
  std::istringstream text(line);
  std::string cell;
  while (std::getline(text, cell, ',')) out.push_back(cell);
  return out;
}

/// Picoseconds of a printed number of seconds, digit by digit.
std::int64_t printed_ps(const std::string& seconds) {
  const std::size_t point = seconds.find('.');
  std::string decimals = point == std::string::npos ? "" : seconds.substr(point + 1);
  decimals.resize(12, '0');
  return std::stoll(seconds.substr(0, point)) * 1'000'000'000'000 + std::stoll(decimals);
}

void check_equal(const CycleShares& a, const CycleShares& b) {
  REQUIRE(a.count == b.count);
  REQUIRE(a.busy_s == b.busy_s);
  REQUIRE(a.bottleneck_share == b.bottleneck_share);
  REQUIRE(a.runner_up_share == b.runner_up_share);
  REQUIRE(a.time_share == b.time_share);
  REQUIRE(a.limit_share == b.limit_share);
}

void check_equal(const Summary& a, const Summary& b) {
  REQUIRE(a.count == b.count);
  REQUIRE(a.mean == b.mean);
  REQUIRE(a.p50 == b.p50);
  REQUIRE(a.p99 == b.p99);
  REQUIRE(a.max == b.max);
}

}  // namespace

TEST_CASE("results and rows do not depend on how cycles are cut and replicas interleave") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const std::vector<Life> lives = random_lives(seed);
    std::string whole_csv;
    CollectorSetup setup = two_pools();
    setup.cycles_csv = [&](std::string_view bytes) { whole_csv += bytes; };
    Collector whole(setup);
    tell(whole, lives, Cut::whole, true);
    const Results expected = whole.results(second);
    REQUIRE(expected.latency.itl.count > 0);

    for (const Cut cut : {Cut::random, Cut::single}) {
      std::string csv;
      setup.cycles_csv = [&](std::string_view bytes) { csv += bytes; };
      Collector other(setup);
      tell(other, lives, cut, false);
      const Results got = other.results(second);
      REQUIRE(got.digest == expected.digest);
      check_equal(got.cycles.all, expected.cycles.all);
      for (std::size_t i = 0; i < phase_count; ++i) check_equal(got.cycles.by_phase[i], expected.cycles.by_phase[i]);
      check_equal(got.latency.itl, expected.latency.itl);
      REQUIRE(got.split.prefill_s == expected.split.prefill_s);
      REQUIRE(got.split.decode_s == expected.split.decode_s);
      for (std::size_t i = 0; i < expected.pools.size(); ++i) {
        REQUIRE(got.pools[i].cycles.utilisation == expected.pools[i].cycles.utilisation);
        REQUIRE(got.pools[i].kv_peak_tokens == expected.pools[i].kv_peak_tokens);
        REQUIRE(got.pools[i].kv_peak_blocks == expected.pools[i].kv_peak_blocks);
      }
      REQUIRE(by_replica(csv) == by_replica(whole_csv));
    }
  }
}

TEST_CASE("all rows of a leap equal the rows of its cycles, and the tiers of each row add up") {
  for (std::uint64_t seed = 21; seed <= 24; ++seed) {
    const std::vector<Life> lives = random_lives(seed);
    std::string texts[3];
    const Cut cuts[] = {Cut::whole, Cut::random, Cut::single};
    for (std::size_t i = 0; i < 3; ++i) {
      CollectorSetup setup = two_pools();
      setup.cycle_rows = CycleRows::all;
      setup.cycles_csv = [&texts, i](std::string_view bytes) { texts[i] += bytes; };
      Collector collector(std::move(setup));
      tell(collector, lives, cuts[i], true);
    }
    REQUIRE(texts[0] == texts[2]);
    REQUIRE(texts[1] == texts[2]);

    std::istringstream lines(texts[0]);
    std::string line;
    std::getline(lines, line);
    std::map<std::string, std::int64_t> clock;
    while (std::getline(lines, line)) {
      const std::vector<std::string> row = cells(line);
      REQUIRE(row.size() == 16 + tier_count);
      std::int64_t sum = 0;
      for (std::size_t i = 16; i < row.size(); ++i) sum += printed_ps(row[i]);
      REQUIRE(sum == printed_ps(row[6]));
      // A replica's rows follow each other without a gap.
      REQUIRE(printed_ps(row[5]) == clock[row[1]]);
      clock[row[1]] += sum;
    }
  }
}

TEST_CASE("requests are counted, timed and judged") {
  CollectorSetup setup = two_pools();
  std::string csv;
  setup.requests_csv = [&](std::string_view bytes) { csv += bytes; };
  Collector collector(setup);
  const auto request = [&](std::int64_t id, std::int32_t workload, std::int64_t ttft, Status status) {
    RequestRecord record;
    record.id = {id};
    record.pool = {1};
    record.replica = {1};
    record.arrival = {100};
    record.workload = workload;
    record.input_tokens = 50;
    record.status = status;
    record.finish = {100};
    if (status != Status::rejected) {
      record.first_scheduled = {110};
      record.first_token = {100 + ttft};
      record.finish = {100 + ttft + 400};
      record.output_tokens = 5;
      record.cached_tokens = 10;
      record.preemptions = 1;
    }
    collector.request(record);
  };
  request(0, 0, 200, Status::completed);
  request(1, 0, 400, Status::completed);
  request(2, 0, 0, Status::rejected);
  request(3, 0, 100, Status::aborted);
  request(4, 1, 900, Status::completed);
  collector.finish();

  const Results results = collector.results(Duration{2 * second.ps});
  CHECK(results.requests.arrived == 5);
  CHECK(results.requests.of(Status::completed) == 3);
  CHECK(results.requests.of(Status::rejected) == 1);
  CHECK(results.requests.of(Status::aborted) == 1);
  CHECK(results.tokens.input == 150);
  CHECK(results.tokens.input_cached == 30);
  CHECK(results.tokens.output == 15);
  CHECK(results.throughput.requests_per_s == Approx(1.5));
  CHECK(results.throughput.output_tokens_per_s == Approx(7.5));
  CHECK(results.throughput.output_tokens_per_s_per_device == Approx(7.5 / 12));
  CHECK(results.latency.ttft.count == 3);
  CHECK(results.latency.ttft.p50 == Approx(400e-12));
  CHECK(results.latency.tpot.mean == Approx(100e-12));
  CHECK(results.latency.queue.max == Approx(10e-12));
  CHECK(collector.quantiles(LatencyMetric::ttft, {0.25}).front() == Approx(300e-12));
  REQUIRE(results.goodput.has_value());
  CHECK(results.goodput->arrived == 4);  // the second workload asks for nothing
  CHECK(results.goodput->requests_per_s == Approx(0.5));
  CHECK(results.goodput->attainment == Approx(0.25));
  REQUIRE(results.verdicts.size() == 1);
  CHECK(results.verdicts.front().observed_s == Approx(398e-12));
  CHECK_FALSE(results.verdicts.front().met);
  CHECK(results.pools[1].preemptions == 4);
  CHECK(results.pools[1].prefix_hit_rate == Approx(0.2));
  CHECK(results.pools[0].prefix_hit_rate == 0.0);
  REQUIRE(results.workloads.size() == 2);
  CHECK_FALSE(results.workloads[1].goodput.has_value());
  CHECK(results.workloads[1].latency.ttft.count == 1);
  CHECK(csv.find("completed,true,,0,,,,,,0,0,0,0\n") != std::string::npos);
  CHECK(csv.find("completed,,,0,,,,,,0,0,0,0\n") != std::string::npos);
  CHECK(csv.find("rejected,false,,0,,,,,,0,0,0,0\n") != std::string::npos);
}

TEST_CASE("gaps that are not the length of a cycle enter the pooled ITL too") {
  Collector collector(two_pools());
  TierRamps ramps;
  ramps.critical[Tier::hbm] = {static_cast<Int128>(100) << Ramp::fraction_bits, 0};
  const Ramp slower{static_cast<Int128>(400) << Ramp::fraction_bits, 0};
  CycleSpan span;
  span.cycles = 3;
  span.ramps = &ramps;
  span.clock.length = ramps.duration();
  span.steady_tokens = 2;
  collector.cycles(span);
  span.gap = &slower;
  collector.cycles(span);
  collector.token_gap(ReplicaId{0}, static_cast<Int128>(1000) << Ramp::fraction_bits);
  const Summary itl = collector.results(second).latency.itl;
  CHECK(itl.count == 13);
  CHECK(itl.mean == Approx((6 * 100 + 6 * 400 + 1000) / 13.0 * 1e-12));
  CHECK(itl.max == Approx(1000e-12));
}

TEST_CASE("a run in which nothing happened has a report of zeros") {
  const Results results = Collector(two_pools()).results(Duration{});
  CHECK(results.requests.arrived == 0);
  CHECK(results.throughput.requests_per_s == 0.0);
  CHECK(results.latency.itl.p99 == 0.0);
  CHECK(results.goodput->attainment == 0.0);
  CHECK(results.cycles.all.bottleneck_share[Tier::hbm] == 0.0);
  CHECK_FALSE(results.verdicts.front().met);
}

TEST_CASE("records of unknown pools and workloads are a defect") {
  Collector collector(two_pools());
  RequestRecord record;
  record.workload = 2;
  CHECK_THROWS_AS(collector.request(record), LogicError);
  CHECK_THROWS_AS(collector.idle({PoolId{2}, ReplicaId{0}, Time{0}, Time{1}}), LogicError);
}

TEST_CASE("classes and tenants of all workloads are one table each, deadlines are counted in it") {
  CollectorSetup setup;
  setup.pools = {{"p", 1, 1, 0}};
  setup.workloads = {{"llama", "acme", "gold", {}, {{"t0", "t1"}, {"batch", "gold"}, {}}}, {"llama", "t1", "", {}}};
  Collector collector(setup);
  const auto tell = [&](std::int32_t workload, RequestLabels labels, std::int64_t finish) {
    RequestRecord record;
    record.workload = workload;
    record.first_scheduled = record.first_token = record.finish = Time{finish};
    record.input_tokens = 10;
    record.output_tokens = 1;
    record.labels = labels;
    collector.request(record);
  };
  tell(0, {1, 0, -1, 2, Time{50}}, 50);
  tell(0, {-1, 1, -1, 0, Time{50}}, 51);
  tell(0, {-1, -1, -1, 0}, 70);
  tell(1, {-1, -1, -1, 1}, 90);
  const Results results = collector.results(Duration{100});
  CHECK(results.images == 3);
  CHECK(results.deadlines.met == 1);
  CHECK(results.deadlines.missed == 1);
  REQUIRE(results.classes.size() == 3);
  CHECK(results.classes[0].name == "gold");
  CHECK(results.classes[0].requests.arrived == 2);
  CHECK(results.classes[0].deadlines.missed == 1);
  CHECK(results.classes[0].latency.e2e.max == 70e-12);
  CHECK(results.classes[1].name == "batch");
  CHECK(results.classes[1].deadlines.met == 1);
  CHECK(results.classes[2].name.empty());
  REQUIRE(results.tenants.size() == 2);
  CHECK(results.tenants[0].name == "acme");
  CHECK(results.tenants[0].requests.arrived == 2);
  CHECK(results.tenants[1].name == "t1");
  CHECK(results.tenants[1].tokens.input == 20);
}

TEST_CASE("a table of tenants stays short: names beyond the 64th share a row") {
  CollectorSetup setup;
  setup.pools = {{"p", 1, 1, 0}};
  setup.workloads = {{"llama", "", "", {}, {}}};
  for (int i = 0; i < 200; ++i) setup.workloads[0].labels.tenants.push_back("t" + std::to_string(i));
  Collector collector(setup);
  for (std::int32_t i = 0; i < 200; ++i) {
    RequestRecord record;
    record.finish = Time{5};
    record.labels.tenant = i;
    collector.request(record);
  }
  const Results results = collector.results(Duration{100});
  REQUIRE(results.tenants.size() == 64);  // the row of requests without a name had none
  CHECK(results.tenants[62].name == "t62");
  CHECK(results.tenants[63].name == Groups::others);
  CHECK(results.tenants[63].requests.arrived == 137);
  CHECK(results.classes.empty());
}
