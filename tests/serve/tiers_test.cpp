// Memories below the device's own: what they keep, what a load takes, what is conserved, and leaps against the
// reference.
#include <map>
#include <string>

#include "tests/catch.hpp"
#include "tests/serve/same_run.hpp"
#include "tests/serve/toy.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

struct TierWorld {
  VllmConfig config;
  std::int32_t replicas = 1;
  TiersSetup tiers;
  Bytes block{1e5};
  std::vector<Request> requests;
};

struct Played {
  Recorder recorder;
  std::vector<TierTotals> tiers;
  std::int64_t blocks_in_use = 0;
};

Played play(const TierWorld& world, bool reference) {
  Played played;
  std::vector<PoolSetup> pools(1);
  pools[0].engine.scheduler = world.config;
  pools[0].engine.padding = GraphPadding::vllm(world.config.max_num_seqs, 0);
  pools[0].engine.one_cycle_an_event = reference;
  pools[0].engine.tell_prefill = !world.tiers.tiers.empty();
  pools[0].replicas = world.replicas;
  pools[0].program = toy_program(world.config.async_scheduling);
  pools[0].port.block = world.block;
  pools[0].tiers = world.tiers;
  std::vector<WorkloadSetup> workloads(1);
  workloads[0].source = std::make_unique<ListSource>(world.requests);
  Cluster cluster(std::move(pools), std::move(workloads), std::make_unique<LeastLoaded>(world.replicas),
                  played.recorder);
  cluster.run();
  played.tiers = cluster.tier_totals(0);
  for (const auto& replica : cluster.replicas()) played.blocks_in_use += replica->scheduler().blocks_in_use();
  return played;
}

VllmConfig config(std::int64_t blocks) {
  VllmConfig c;
  c.num_blocks = blocks;
  c.max_num_seqs = 8;
  c.max_num_batched_tokens = 512;
  c.max_model_len = 600;
  c.async_scheduling = false;
  return c;
}

TierSetup tier(std::int64_t blocks, double bandwidth, Duration latency = {}) {
  TierSetup one;
  one.name = "tier";
  one.blocks = blocks;
  one.read = one.write = BytesPerSecond{bandwidth};
  one.latency = latency;
  one.time_to_live = {INT64_MAX / 2};
  return one;
}

Request asks(std::int64_t at_ms, std::uint64_t stream, std::int64_t tokens, std::int64_t output = 1) {
  Request request;
  request.arrival = Time{at_ms * 1'000'000'000};
  request.input_tokens = tokens;
  request.output_tokens = request.max_tokens = output;
  request.prompt = {{stream, 0, tokens}};
  return request;
}

TierWorld random_world(std::uint64_t seed) {
  std::uint64_t n = 0;
  const auto integer = [&](std::int64_t low, std::int64_t high) {
    return random_integer({seed, 11, ++n, Purpose::test}, low, high);
  };
  TierWorld world;
  world.config = config(integer(0, 1) == 0 ? integer(14, 40) : 120);
  world.config.max_num_seqs = integer(1, 8);
  world.config.max_num_batched_tokens = integer(16, 128);
  world.config.max_model_len = 200;
  world.config.async_scheduling = integer(0, 1) == 1;
  world.config.policy = integer(0, 3) == 0 ? QueuePolicy::priority : QueuePolicy::fcfs;
  world.replicas = static_cast<std::int32_t>(integer(1, 3));
  const std::int64_t levels = integer(1, 4);
  for (std::int64_t i = 0; i < levels; ++i) {
    TierSetup one =
        tier(integer(1, 30 * (i + 1)), static_cast<double>(integer(1, 400)) * 1e6, {integer(0, 3) * 700'000'000});
    one.kind = static_cast<Tier>(static_cast<std::int64_t>(Tier::host_memory) + i);
    one.shared = integer(0, 1) == 1;
    one.at_eviction = i > 0 && integer(0, 1) == 1;
    if (integer(0, 2) == 0) one.time_to_live = {integer(1, 300) * 1'000'000'000};
    world.tiers.tiers.push_back(one);
  }
  world.tiers.at_finish = integer(0, 2) == 0;
  world.tiers.when_faster = integer(0, 2) == 0;
  world.tiers.least_tokens = integer(0, 2) == 0 ? 33 : 1;
  std::int64_t at = 0;
  const std::int64_t requests = integer(1, 40);
  for (std::int64_t i = 0; i < requests; ++i) {
    if (integer(0, 2) > 0) at += integer(0, 40'000) * 1'000'000;
    Request r;
    r.arrival = Time{at};
    r.input_tokens = integer(1, 110);
    r.output_tokens = integer(1, 60);
    r.max_tokens = r.output_tokens;
    r.priority = integer(0, 3);
    if (integer(0, 5) == 0) r.gives_up = r.arrival + Duration{integer(1, 300'000) * 1'000'000};
    const std::int64_t shared = integer(0, r.input_tokens);
    r.prompt = {{static_cast<std::uint64_t>(integer(1, 4)), 0, shared},
                {static_cast<std::uint64_t>(integer(5, 8)), 0, r.input_tokens - shared}};
    world.requests.push_back(r);
  }
  return world;
}

std::string difference(const Played& leap, const Played& reference) {
  if (std::string runs = test::difference(leap.recorder, reference.recorder); !runs.empty()) return runs;
  for (std::size_t i = 0; i < leap.tiers.size(); ++i) {
    const TierTotals& a = leap.tiers[i];
    const TierTotals& b = reference.tiers[i];
    if (a.stored != b.stored || a.evicted != b.evicted || a.read != b.read || a.stalled_ps != b.stalled_ps ||
        a.expired != b.expired || a.block_seconds != b.block_seconds)
      return "tier " + std::to_string(i);
  }
  return {};
}

/// The same fault with as few requests as it needs.
TierWorld smallest(TierWorld world) {
  for (std::size_t i = world.requests.size(); i-- > 0;) {
    TierWorld smaller = world;
    smaller.requests.erase(smaller.requests.begin() + static_cast<std::ptrdiff_t>(i));
    if (!difference(play(smaller, false), play(smaller, true)).empty()) world = smaller;
  }
  return world;
}

}  // namespace

// tier_totals() throws where a tier does not hold what was stored less what was evicted.
TEST_CASE("tiers: leap equals reference on random hierarchies, and nothing is lost") {
  std::int64_t read = 0;
  std::int64_t evicted = 0;
  std::int64_t expired = 0;
  std::uint64_t held = 0;
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    const TierWorld world = random_world(seed);
    const Played leap = play(world, false);
    std::string wrong = difference(leap, play(world, true));
    if (leap.blocks_in_use != 0) wrong = "blocks are still in use";
    if (leap.recorder.requests.size() != world.requests.size()) wrong = "a request without a record";
    INFO("seed " << seed);
    if (!wrong.empty()) {
      for (const Request& r : smallest(world).requests) {
        UNSCOPED_INFO("arrival " << r.arrival.ps << " gives up " << r.gives_up.ps << " in " << r.input_tokens << " out "
                                 << r.output_tokens << " streams " << r.prompt[0].stream << " to " << r.prompt[0].end
                                 << ", " << r.prompt[1].stream);
      }
      FAIL(wrong);
    }
    ++held;
    for (const TierTotals& totals : leap.tiers) {
      read += totals.read;
      evicted += totals.evicted;
      expired += totals.expired;
    }
  }
  CHECK(held == 1000);
  // At least one block a world on average, so that the worlds are about something.
  CHECK(read > 1000);
  CHECK(evicted > 1000);
  CHECK(expired > 500);
}

TEST_CASE("what is being read stays readable while pieces in front of it are written in any order") {
  const Time now;
  std::vector<RunPiece> gone;
  TierStore store(10, Duration{1'000'000});
  store.written(store.reserve({1, 4, 6}, now, gone), now);
  store.read_begins({1, 4, 6}, now);
  const RunPiece nearer = store.reserve({1, 2, 4}, now, gone);
  const RunPiece farther = store.reserve({1, 0, 2}, now, gone);
  REQUIRE(nearer.blocks() + farther.blocks() == 4);
  store.written(farther, now);
  CHECK(store.readable(1, 4, 2, now) == 2);
  CHECK(store.readable(1, 0, 2, now) == 0);
  store.written(nearer, now);
  CHECK(store.readable(1, 4, 2, now) == 2);
  store.read_done({1, 4, 6}, now);
  CHECK(store.readable(1, 0, 6, now) == 6);
  CHECK(gone.empty());
}

TEST_CASE("a store keeps what was stored less what was evicted, after every event") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    std::uint64_t n = 0;
    const auto integer = [&](std::int64_t low, std::int64_t high) {
      return random_integer({seed, 12, ++n, Purpose::test}, low, high);
    };
    const auto kept = integer(5, 400);
    const auto capacity = integer(1, 20);
    TierStore store(capacity, {kept});
    std::vector<RunPiece> writing, reading;
    std::map<std::pair<std::uint64_t, std::int64_t>, bool> written;
    Time now;
    for (int step = 0; step < 200; ++step) {
      now = now + Duration{integer(0, 9)};
      const auto run = static_cast<std::uint64_t>(integer(1, 6));
      const std::int64_t lo = integer(0, 6);
      const std::int64_t hi = lo + integer(1, 8);
      switch (integer(0, 3)) {
        case 0: {
          std::vector<RunPiece> gone;
          const RunPiece part = store.reserve({run, lo, hi}, now, gone);
          if (part.blocks() > 0) writing.push_back(part);
          break;
        }
        case 1:
          if (writing.empty()) break;
          store.written(writing.back(), now);
          for (std::int64_t b = writing.back().lo; b < writing.back().hi; ++b) written[{writing.back().run, b}] = true;
          writing.pop_back();
          break;
        case 2: {
          const std::int64_t blocks = store.readable(run, lo, hi - lo, now);
          for (std::int64_t b = lo; b < lo + blocks; ++b) REQUIRE(written[{run, b}]);
          if (blocks == 0) break;
          reading.push_back({run, lo, lo + blocks});
          store.read_begins(reading.back(), now);
          break;
        }
        default:
          if (reading.empty()) break;
          // What is being read is still there.
          REQUIRE(store.readable(reading.back().run, reading.back().lo, reading.back().blocks(), now) ==
                  reading.back().blocks());
          store.read_done(reading.back(), now);
          reading.pop_back();
          break;
      }
      const TierTotals& totals = store.totals(now);
      REQUIRE(totals.held + totals.evicted == totals.stored);
      REQUIRE(totals.held <= store.capacity());
    }
  }
}

TEST_CASE("the longest unused goes first, its last blocks before its first") {
  TierStore store(10, {INT64_MAX / 2});
  const auto keep = [&](std::uint64_t run, std::int64_t blocks, std::int64_t at) {
    std::vector<RunPiece> gone;
    const RunPiece part = store.reserve({run, 0, blocks}, Time{at}, gone);
    if (part.blocks() > 0) store.written(part, Time{at});
    return gone;
  };
  CHECK(keep(1, 5, 1).empty());
  CHECK(keep(2, 5, 2).empty());
  const auto gone = keep(3, 2, 3);
  REQUIRE(gone.size() == 1);
  CHECK(gone[0].run == 1);
  CHECK(gone[0].lo == 3);
  CHECK(gone[0].hi == 5);
  CHECK(store.readable(1, 0, 9, Time{3}) == 3);
  CHECK(store.readable(1, 3, 9, Time{3}) == 0);
  CHECK(store.readable(2, 0, 9, Time{3}) == 5);
}

TEST_CASE("content that nobody uses for its time to live is gone, and pays no rent after it") {
  TierStore store(10, Duration{1'000'000'000'000});
  std::vector<RunPiece> gone;
  store.written(store.reserve({1, 0, 4}, Time{}, gone), Time{});
  CHECK(store.readable(1, 0, 4, Time{1'000'000'000'000}) == 4);
  CHECK(store.readable(1, 0, 4, Time{1'000'000'000'001}) == 0);
  const TierTotals& totals = store.totals(Time{9'000'000'000'000});
  CHECK(totals.expired == 4);
  CHECK(totals.held == 0);
  CHECK(totals.block_seconds == Approx(4.0));
}

// The second prompt finds 24 of its 25 whole blocks below, because the last token must be computed.
TEST_CASE("a load takes latency and bytes over bandwidth, and then the rest of the prompt is computed") {
  TierWorld world;
  world.config = config(39);
  world.tiers.tiers = {tier(1000, 1e9, {2'000'000'000})};
  world.requests = {asks(0, 1, 400), asks(500, 2, 600 - 1), asks(1000, 1, 400)};
  const Played played = play(world, false);
  REQUIRE(played.recorder.requests.size() == 3);
  const RequestRecord& again = played.recorder.requests[2];
  CHECK(again.cached_tokens == 24 * 16);
  CHECK((again.first_scheduled - again.arrival).ps == 24 * 100'000'000LL + 2'000'000'000LL);
  CHECK(played.tiers[0].read == 24);
  CHECK(played.tiers[0].stalled_ps == 24 * 100'000'000LL + 2'000'000'000LL);
  CHECK(played.tiers[0].loads == 1);
  // While it loads, the replica waits for the tier and is not idle.
  std::int64_t waited = 0;
  for (const IdleSpan& span : played.recorder.idles) {
    if (span.waits_for == Tier::host_memory) waited += (span.end - span.begin).ps;
  }
  CHECK(waited == (again.first_scheduled - again.arrival).ps);
}

TEST_CASE("two loads at once share the link of their tier, and a tier of each replica has a link of its own") {
  TierWorld world;
  world.config = config(60);
  world.tiers.tiers = {tier(1000, 1e9)};
  world.requests = {asks(0, 1, 320),   asks(200, 2, 320),  asks(400, 3, 590),
                    asks(600, 4, 590), asks(1000, 1, 321), asks(1000, 2, 321)};
  const Played played = play(world, false);
  REQUIRE(played.recorder.requests.size() == 6);
  for (std::size_t i = 4; i < 6; ++i) {
    const RequestRecord& record = played.recorder.requests[i];
    CHECK(record.cached_tokens == 320);
    CHECK((record.first_scheduled - record.arrival).ps == 2 * 20 * 100'000'000LL);
  }
}

TEST_CASE("where computing is faster than loading, nothing is loaded") {
  TierWorld world;
  world.config = config(39);
  world.tiers.tiers = {tier(1000, 1e6)};
  world.tiers.when_faster = true;
  world.requests = {asks(0, 1, 400), asks(50'000, 2, 599), asks(100'000, 1, 400)};
  CHECK(play(world, false).tiers[0].read == 0);
  world.tiers.when_faster = false;
  CHECK(play(world, false).tiers[0].read == 24);
  world.tiers.when_faster = true;
  world.tiers.tiers[0].read = BytesPerSecond{1e12};
  CHECK(play(world, false).tiers[0].read == 24);
}

TEST_CASE("what a small tier loses, the one below gets, and a prefix is put together again from both") {
  TierWorld world;
  world.config = config(39);
  world.tiers.tiers = {tier(45, 1e9), tier(1000, 1e8)};
  world.tiers.tiers[1].kind = Tier::nvme;
  world.tiers.tiers[1].at_eviction = true;
  world.requests = {asks(0, 1, 400), asks(1000, 2, 599), asks(9000, 1, 400)};
  const Played played = play(world, false);
  // 25 + 37 blocks in a tier of 45: 17 of the first 25 go down, the last ones first. When the first prompt is back, the
  // nearest tier keeps 16 of them again and one that is computed, and as many of the second prompt go down.
  CHECK(played.tiers[1].stored == 17 + 17);
  CHECK(played.tiers[0].read == 8);
  CHECK(played.tiers[1].read == 16);
  CHECK(played.recorder.requests[2].cached_tokens == 24 * 16);
}
