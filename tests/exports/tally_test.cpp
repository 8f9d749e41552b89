// What is counted does not depend on the spans in which cycles are told, and is what counting one by one gives.
#include <algorithm>

#include "sim/config/json.hpp"
#include "tests/catch.hpp"
#include "tests/metrics/spans.hpp"
#include "tools/exports/perfetto.hpp"
#include "tools/exports/vllm_tally.hpp"

using namespace memwall;
using namespace memwall::test;
using namespace memwall::tools::exports;

TEST_CASE("a span at once, or in pieces, leaves the same buckets and the same fullest second") {
  Draws draws(3);
  for (int round = 0; round < 40; ++round) {
    const Segment segment = random_segment(draws, 400);
    VllmTally whole;
    VllmTally pieces;
    whole.cycles(part(segment, 0, segment.span.cycles));
    for (std::int64_t at = 0; at < segment.span.cycles;) {
      const std::int64_t until = std::min(at + draws.between(1, 7), segment.span.cycles);
      pieces.cycles(part(segment, at, until));
      at = until;
    }
    CHECK(whole.itl.counts == pieces.itl.counts);
    CHECK(whole.itl.count() == segment.span.cycles * segment.span.steady_tokens);
    CHECK((whole.itl.fixed_sum == pieces.itl.fixed_sum));
    CHECK(whole.iteration.counts == pieces.iteration.counts);
    CHECK(whole.tokens.most() == pieces.tokens.most());
  }
}

TEST_CASE("gaps that grow across a bound are divided there") {
  Segment segment;
  // 9.5 ms growing by 0.1 ms: the sixth is exactly 10 ms and still in the first bucket.
  const auto fixed = [](std::int64_t us) { return static_cast<Int128>(us) * 1'000'000 << Ramp::fraction_bits; };
  segment.ramps.critical[Tier::hbm] = {fixed(9500), fixed(100)};
  segment.ramps.busy = segment.ramps.critical;
  segment.ramps.find_used();
  segment.span.cycles = 20;
  segment.span.decode_tokens = 4;
  segment.span.steady_tokens = 4;
  VllmTally tally;
  tally.cycles(part(segment, 0, 20));
  CHECK(tally.itl.bounds[0] == 0.01);
  CHECK(tally.itl.counts[0] == 6 * 4);
  CHECK(tally.itl.counts[1] == 14 * 4);
  CHECK(tally.itl.total() == Approx(4 * (20 * 0.0095 + 190 * 0.0001)).epsilon(1e-12));
  CHECK(tally.tokens.most() == 80);
}

TEST_CASE("the fullest second is what counting every second gives") {
  Draws draws(5);
  const auto second = [](std::int64_t s) { return Time{} + Duration{s * 1'000'000'000'000}; };
  for (int round = 0; round < 50; ++round) {
    ClockSeconds seconds;
    std::vector<std::int64_t> count(40, 0);
    for (int i = 0; i < 30; ++i) {
      const std::int64_t from = draws.between(0, 20);
      const std::int64_t until = from + draws.between(0, 15);
      seconds.add_stretch(second(from), second(until) + Duration{draws.between(0, 999'999'999'999)}, 1);
      for (std::int64_t s = from; s <= until; ++s) ++count[static_cast<std::size_t>(s)];
      const std::int64_t at = draws.between(0, 39);
      seconds.add(second(at), 3);
      count[static_cast<std::size_t>(at)] += 3;
    }
    CHECK(seconds.most() == *std::max_element(count.begin(), count.end()));
  }
  CHECK(ClockSeconds().most() == 0);
}

TEST_CASE("a timeline is bounded, says what it leaves out, and its slices follow each other") {
  for (const std::int64_t most : {std::int64_t{1000}, std::int64_t{5}}) {
    Draws draws(11);
    std::string text;
    PerfettoTrace trace([&](std::string_view bytes) { text += bytes; }, {"pool <b>"}, most);
    Time now;
    std::int64_t told = 0;
    std::int64_t length_ps = 0;
    for (int i = 0; i < 30; ++i) {
      Segment segment = random_segment(draws, 20);
      CycleSpan span = part(segment, 0, segment.span.cycles);
      span.clock.origin = now;
      span.pool = PoolId{0};
      span.replica = ReplicaId{0};
      trace.cycles(span);
      length_ps += (span.end() - now).ps;
      now = span.end();
      ++told;
    }
    trace.finish();
    const json::Node root = json::parse(text, "trace.json").root;
    std::int64_t slices = 0;
    double end_us = 0;
    double sum_us = 0;
    for (const json::Node& event : root.find("traceEvents")->items) {
      const std::string& phase = event.find("ph")->text;
      if (phase == "M" && event.find("name")->text == "process_name") {
        CHECK(event.find("args")->find("name")->text == "pool <b>, replica 0");
      }
      if (phase != "X") continue;
      ++slices;
      CHECK(event.find("ts")->number == Approx(end_us).margin(1e-6));
      end_us = event.find("ts")->number + event.find("dur")->number;
      sum_us += event.find("dur")->number;
      const std::string& bottleneck = event.find("name")->text;
      CHECK(std::find(tier_names.begin(), tier_names.end(), bottleneck) != tier_names.end());
    }
    const json::Node& other = *root.find("otherData");
    CHECK(*other.find("slices")->integer == slices);
    if (most == 1000) {
      CHECK(other.find("complete")->boolean);
      CHECK(sum_us == Approx(static_cast<double>(length_ps) * 1e-6));
      CHECK(*other.find("runs_of_cycles_left_out")->integer == 0);
    } else {
      CHECK(!other.find("complete")->boolean);
      CHECK(slices >= most);
      // The last run that began before the cut is told to its end.
      CHECK(*other.find("runs_of_cycles_left_out")->integer > 0);
      CHECK(*other.find("runs_of_cycles_left_out")->integer < told);
      CHECK(other.find("cut_at_us")->number <= end_us);
    }
  }
}
