// The digest: blind to order and interleaving, sensitive to everything else.
#include "sim/metrics/digest.hpp"

#include <functional>
#include <set>
#include <vector>

#include "sim/metrics/envelope.hpp"
#include "tests/catch.hpp"
#include "tests/metrics/spans.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

struct SegmentRecord {
  ReplicaId replica;
  std::int64_t first_cycle = 0;
  std::int64_t cycles = 0;
  const TierRamps* ramps = nullptr;
  std::uint64_t plan_change = 0;

  void to(Digest& digest) const { digest.segment(replica, first_cycle, cycles, *ramps, plan_change); }
};

struct History {
  std::vector<Segment> segments;
  std::vector<SegmentRecord> closed;
};

History random_history(std::uint64_t seed) {
  Draws draws(seed);
  History out;
  for (int i = 0; i < 40; ++i) out.segments.push_back(random_segment(draws, 100));
  std::int64_t cycle[4] = {};
  for (const Segment& segment : out.segments) {
    const auto replica = static_cast<std::int32_t>(draws.between(0, 3));
    SegmentRecord record;
    record.replica = {replica};
    record.first_cycle = cycle[replica];
    record.cycles = segment.span.cycles;
    record.ramps = &segment.ramps;
    record.plan_change = static_cast<std::uint64_t>(draws.between(0, 1000));
    cycle[replica] += record.cycles;
    out.closed.push_back(record);
  }
  return out;
}

RequestRecord some_request() {
  RequestRecord out;
  out.id = {7};
  out.arrival = {10};
  out.first_scheduled = {20};
  out.first_token = {30};
  out.finish = {40};
  out.input_tokens = 100;
  out.output_tokens = 5;
  return out;
}

std::uint64_t digest_of(const RequestRecord& record) {
  Digest digest;
  digest.request(record);
  return digest.value();
}

}  // namespace

TEST_CASE("the order in which segments close and replicas interleave does not change the digest") {
  const History history = random_history(41);
  Digest forward;
  for (const SegmentRecord& record : history.closed) record.to(forward);
  Digest by_replica;
  for (std::int32_t replica = 3; replica >= 0; --replica) {
    for (const SegmentRecord& record : history.closed) {
      if (record.replica.value == replica) record.to(by_replica);
    }
  }
  Digest first_half;
  Digest second_half;
  for (std::size_t i = 0; i < history.closed.size(); ++i) {
    history.closed[i].to(i % 2 == 0 ? first_half : second_half);
  }
  second_half.merge(first_half);
  CHECK(by_replica.value() == forward.value());
  CHECK(second_half.value() == forward.value());
}

TEST_CASE("any change of a segment changes the digest, a wider set of used tiers does not") {
  Draws draws(42);
  Segment segment = random_segment(draws, 100);
  segment.ramps.find_used();
  SegmentRecord base;
  base.cycles = segment.span.cycles;
  base.ramps = &segment.ramps;
  const auto digest = [](const SegmentRecord& record) {
    Digest out;
    record.to(out);
    return out.value();
  };
  const std::uint64_t before = digest(base);

  std::set<std::uint64_t> seen = {before, Digest().value()};
  const auto changed = [&](const std::function<void(SegmentRecord&, TierRamps&)>& change) {
    TierRamps ramps = segment.ramps;
    SegmentRecord record = base;
    record.ramps = &ramps;
    change(record, ramps);
    seen.insert(digest(record));
  };
  changed([](SegmentRecord& record, TierRamps&) { record.replica = {1}; });
  changed([](SegmentRecord& record, TierRamps&) { record.first_cycle = 1; });
  changed([](SegmentRecord& record, TierRamps&) { ++record.cycles; });
  changed([](SegmentRecord& record, TierRamps&) { record.plan_change = 1; });
  const Tier used = tier_at(static_cast<std::size_t>(std::countr_zero(critical_tiers(segment.ramps))));
  changed([&](SegmentRecord&, TierRamps& ramps) { ++ramps.critical[used].first; });
  changed([&](SegmentRecord&, TierRamps& ramps) { ++ramps.critical[used].step; });
  changed([&](SegmentRecord&, TierRamps& ramps) { ++ramps.busy[used].first; });
  changed([&](SegmentRecord&, TierRamps& ramps) { ++ramps.busy[used].step; });
  changed([&](SegmentRecord&, TierRamps& ramps) { ramps.busy[used].first += static_cast<Int128>(1) << 64; });
  CHECK(seen.size() == 11);

  segment.ramps.used = all_tiers;
  CHECK(digest(base) == before);
}

TEST_CASE("any change of a request changes the digest, their order does not") {
  std::set<std::uint64_t> seen = {digest_of(some_request())};
  const auto changed = [&](const std::function<void(RequestRecord&)>& change) {
    RequestRecord record = some_request();
    change(record);
    seen.insert(digest_of(record));
  };
  changed([](RequestRecord& r) { r.id = {8}; });
  changed([](RequestRecord& r) { r.pool = {1}; });
  changed([](RequestRecord& r) { r.replica = {1}; });
  changed([](RequestRecord& r) { ++r.arrival.ps; });
  changed([](RequestRecord& r) { ++r.first_scheduled.ps; });
  changed([](RequestRecord& r) { ++r.first_token.ps; });
  changed([](RequestRecord& r) { ++r.finish.ps; });
  changed([](RequestRecord& r) { ++r.input_tokens; });
  changed([](RequestRecord& r) { ++r.cached_tokens; });
  changed([](RequestRecord& r) { ++r.output_tokens; });
  changed([](RequestRecord& r) { ++r.preemptions; });
  changed([](RequestRecord& r) { ++r.workload; });
  changed([](RequestRecord& r) { ++r.session; });
  changed([](RequestRecord& r) { r.status = Status::failed; });
  CHECK(seen.size() == 15);

  RequestRecord other = some_request();
  other.id = {8};
  Digest there;
  there.request(some_request());
  there.request(other);
  Digest back;
  back.request(other);
  back.request(some_request());
  CHECK(there.value() == back.value());
}

TEST_CASE("a digest is printed as 16 hexadecimal digits") {
  CHECK(hex16(0) == "0000000000000000");
  CHECK(hex16(0x0123456789abcdefU) == "0123456789abcdef");
  CHECK(Digest().text() == hex16(Digest().value()));
}
