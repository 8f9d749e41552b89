// Prefill apart from decode: what one request takes by hand, what is conserved, and leaps against the reference.
#include <algorithm>
#include <map>
#include <string>

#include "tests/catch.hpp"
#include "tests/serve/same_run.hpp"
#include "tests/serve/toy.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

struct ApartWorld {
  VllmConfig prefill;
  VllmConfig decode;
  std::int32_t prefill_replicas = 1;
  std::int32_t decode_replicas = 1;
  HandoverRules rules;
  CachePort port;
  std::vector<Request> requests;
};

PoolSetup pool(const VllmConfig& config, std::int32_t replicas, std::int32_t id, const CachePort& port,
               bool reference) {
  PoolSetup pool;
  pool.engine.pool = {id};
  pool.engine.scheduler = config;
  pool.engine.padding = GraphPadding::vllm(config.max_num_seqs, 0);
  pool.engine.one_cycle_an_event = reference;
  pool.engine.load_tier = Tier::scale_out;
  pool.replicas = replicas;
  pool.program = toy_program(config.async_scheduling);
  pool.port = port;
  return pool;
}

/// What is left of the replicas when all is over.
struct Left {
  std::int64_t blocks_in_use = 0;
};

Recorder run(const ApartWorld& world, bool reference, Left* left = nullptr) {
  Recorder recorder;
  std::vector<PoolSetup> pools;
  pools.push_back(pool(world.prefill, world.prefill_replicas, 0, world.port, reference));
  pools.back().engine.tell_prefill = true;
  pools.push_back(pool(world.decode, world.decode_replicas, 1, world.port, reference));
  std::vector<WorkloadSetup> workloads(1);
  workloads[0].source = std::make_unique<ListSource>(world.requests);
  std::vector<RequestRoute> routes(1);
  for (std::int32_t i = 0; i < world.prefill_replicas; ++i) routes[0].entry.replicas.push_back({i});
  for (std::int32_t i = 0; i < world.decode_replicas; ++i)
    routes[0].decode.replicas.push_back({world.prefill_replicas + i});
  routes[0].entry.router = std::make_unique<LeastLoaded>(world.prefill_replicas);
  routes[0].decode.router = std::make_unique<LeastLoaded>(world.decode_replicas);
  Cluster cluster(std::move(pools), std::move(workloads), std::move(routes), world.rules, recorder);
  cluster.run();
  if (left != nullptr) {
    for (const auto& replica : cluster.replicas()) left->blocks_in_use += replica->scheduler().blocks_in_use();
  }
  return recorder;
}

VllmConfig config(std::int64_t blocks, bool asynchronous) {
  VllmConfig c;
  c.num_blocks = blocks;
  c.max_num_seqs = 8;
  c.max_num_batched_tokens = 64;
  c.max_model_len = 200;
  c.async_scheduling = asynchronous;
  return c;
}

ApartWorld random_world(std::uint64_t seed) {
  std::uint64_t n = 0;
  const auto integer = [&](std::int64_t low, std::int64_t high) {
    return random_integer({seed, 7, ++n, Purpose::test}, low, high);
  };
  ApartWorld world;
  for (VllmConfig* c : {&world.prefill, &world.decode}) {
    *c = config(integer(0, 1) == 0 ? integer(14, 40) : 300, integer(0, 1) == 1);
    c->max_num_seqs = integer(1, 8);
    c->max_num_batched_tokens = integer(16, 128);
    c->enable_prefix_caching = integer(0, 1) == 1;
    c->policy = integer(0, 3) == 0 ? QueuePolicy::priority : QueuePolicy::fcfs;
  }
  world.prefill_replicas = static_cast<std::int32_t>(integer(1, 2));
  world.decode_replicas = static_cast<std::int32_t>(integer(1, 2));
  world.rules.push = integer(0, 1) == 1;
  world.rules.first_token_at_decode = integer(0, 1) == 1;
  world.rules.local_below = integer(0, 3) == 0 ? integer(1, 40) : 0;
  world.rules.latency = {integer(0, 2) * 1'000'000'000};
  world.port.bandwidth = BytesPerSecond{static_cast<double>(integer(1, 400)) * 1e6};
  world.port.block = Bytes{static_cast<double>(integer(1, 100)) * 1e3};
  world.port.sequence = Bytes{integer(0, 3) == 0 ? 5e3 : 0};
  std::int64_t at = 0;
  const std::int64_t requests = integer(1, 20);
  for (std::int64_t i = 0; i < requests; ++i) {
    if (integer(0, 2) > 0) at += integer(0, 30'000) * 1'000'000;
    Request r;
    r.arrival = Time{at};
    r.input_tokens = integer(1, 80);
    r.output_tokens = integer(0, 4) == 0 ? 1 : integer(1, 90);
    r.max_tokens = r.output_tokens + (integer(0, 3) == 0 ? integer(0, 10) : 0);
    r.stops_by_eos = r.max_tokens > r.output_tokens;
    r.priority = integer(0, 3);
    if (integer(0, 4) == 0) r.gives_up = r.arrival + Duration{integer(1, 800'000) * 1'000'000};
    if (integer(0, 2) > 0) r.prompt = {{static_cast<std::uint64_t>(integer(1, 3)), 0, r.input_tokens}};
    world.requests.push_back(r);
  }
  return world;
}

/// Every request has one record, completed ones have all their tokens, and no block stays taken.
std::string broken_law(const ApartWorld& world, const Recorder& recorder, const Left& left) {
  std::map<std::int64_t, int> records;
  for (const RequestRecord& record : recorder.requests) {
    ++records[record.id.value];
    const Request& asked = world.requests[static_cast<std::size_t>(record.id.value)];
    if (record.input_tokens != asked.input_tokens) return "input tokens";
    if (record.status == Status::completed && record.output_tokens != asked.output_tokens) return "output tokens";
    if (record.output_tokens > 0 && record.first_token == Time::never()) return "a token without a first one";
    if (record.first_token != Time::never() && record.first_token > record.finish)
      return "an end before its first token";
  }
  if (records.size() != world.requests.size()) return "a request without a record";
  for (const auto& [id, count] : records) {
    if (count != 1) return "two records of request " + std::to_string(id);
  }
  return left.blocks_in_use == 0 ? "" : std::to_string(left.blocks_in_use) + " blocks are still in use";
}

std::string fault_of(const ApartWorld& world) {
  Left left;
  const Recorder leap = run(world, false, &left);
  std::string wrong = broken_law(world, leap, left);
  return wrong.empty() ? difference(leap, run(world, true)) : wrong;
}

/// The same fault with as few requests as it needs.
ApartWorld smallest(ApartWorld world) {
  for (std::size_t i = world.requests.size(); i-- > 0;) {
    ApartWorld smaller = world;
    smaller.requests.erase(smaller.requests.begin() + static_cast<std::ptrdiff_t>(i));
    if (!fault_of(smaller).empty()) world = smaller;
  }
  return world;
}

}  // namespace

TEST_CASE("prefill apart from decode: leap equals reference on random worlds, and nothing is lost") {
  std::uint64_t held = 0;
  std::int64_t moved = 0;
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    const ApartWorld world = random_world(seed);
    Left left;
    const Recorder leap = run(world, false, &left);
    std::string wrong = broken_law(world, leap, left);
    if (wrong.empty()) wrong = difference(leap, run(world, true));
    for (const RequestRecord& record : leap.requests) moved += record.kv_transfer.ps > 0 ? 1 : 0;
    INFO("seed " << seed << ", " << world.requests.size() << " requests, push " << world.rules.push << ", decode first "
                 << world.rules.first_token_at_decode << ", local " << world.rules.local_below);
    if (!wrong.empty()) {
      const ApartWorld small = smallest(world);
      for (const Request& r : small.requests) {
        UNSCOPED_INFO("arrival " << r.arrival.ps << " gives up " << r.gives_up.ps << " in " << r.input_tokens << " out "
                                 << r.output_tokens << " max " << r.max_tokens << " content " << r.prompt.size());
      }
      FAIL(wrong);
    }
    ++held;
  }
  CHECK(held == 1500);
  CHECK(moved > 3000);
}

// Prefill, transfer, cycle: nothing else can delay a request that is alone.
TEST_CASE("a request alone takes the sum of its parts") {
  ApartWorld world;
  world.prefill = world.decode = config(100, false);
  world.rules.latency = Duration{3'000'000};
  world.port.bandwidth = BytesPerSecond{1e9};
  world.port.block = Bytes{50'000};
  world.port.sequence = Bytes{10'000};
  Request request;
  request.input_tokens = 40;
  request.output_tokens = request.max_tokens = 2;
  world.requests = {request};

  const auto program = toy_program(false);
  const auto cycle = [&](std::int64_t before, std::int64_t tokens, bool prefill) {
    BatchShape shape;
    shape.add(before, tokens, true, !prefill, {});
    shape.padded = GraphPadding::vllm(8, 0).rows(shape.tokens);
    return whole_ps(Ramp::fixed(program->price_from_scratch(shape).total().value));
  };
  const std::int64_t prefill = cycle(0, 40, true);
  // Three blocks of 50 kB and the state at 1 GB/s, then the latency.
  const std::int64_t transfer = 160'000'000 + 3'000'000;
  const std::int64_t decode = cycle(40, 1, false);

  const Recorder here = run(world, false);
  REQUIRE(here.requests.size() == 1);
  CHECK(here.requests[0].first_token.ps == Approx(static_cast<double>(prefill)).margin(2));
  CHECK(here.requests[0].kv_transfer.ps == transfer);
  CHECK(here.requests[0].finish.ps == Approx(static_cast<double>(prefill + transfer + decode)).margin(4));
  CHECK(here.requests[0].output_tokens == 2);

  world.rules.first_token_at_decode = true;
  const Recorder there = run(world, false);
  const std::int64_t again = cycle(39, 1, false);
  CHECK(there.requests[0].first_token.ps == Approx(static_cast<double>(prefill + transfer + again)).margin(4));
  CHECK(there.requests[0].finish.ps == Approx(static_cast<double>(prefill + transfer + again + decode)).margin(6));
}

TEST_CASE("pushing by chunk hides the transfer of all chunks but the last") {
  ApartWorld world;
  world.prefill = world.decode = config(100, false);
  world.prefill.max_num_batched_tokens = 16;
  world.rules.push = true;
  world.port.bandwidth = BytesPerSecond{1e12};
  world.port.block = Bytes{1'000'000};
  Request request;
  request.input_tokens = 64;
  request.output_tokens = request.max_tokens = 2;
  world.requests = {request};
  const Recorder push = run(world, false);
  world.rules.push = false;
  const Recorder pull = run(world, false);
  // Four blocks of 1 us each: the pull waits for all, the push for the last one.
  CHECK(push.requests[0].first_token == pull.requests[0].first_token);
  CHECK((pull.requests[0].finish - push.requests[0].finish).ps == 3'000'000);
}

TEST_CASE("the decode side makes a request wait until it has room for the whole prompt") {
  ApartWorld world;
  world.prefill = config(100, false);
  world.decode = config(14, false);
  world.port.bandwidth = BytesPerSecond{1e12};
  world.port.block = Bytes{1};
  Request request;
  request.input_tokens = 100;
  request.output_tokens = request.max_tokens = 80;
  world.requests = {request, request};
  Left left;
  const Recorder recorder = run(world, false, &left);
  REQUIRE(recorder.requests.size() == 2);
  CHECK(left.blocks_in_use == 0);
  // 13 blocks hold one of them; the second is computed long before, and goes on when the first has ended.
  CHECK(recorder.requests[1].first_token < recorder.requests[0].finish);
  CHECK(recorder.requests[1].preemptions == 0);
  CHECK(recorder.requests[1].finish - recorder.requests[0].finish >
        recorder.requests[0].finish - recorder.requests[0].first_token - Duration{1'000'000'000});
}

TEST_CASE("two transfers at once share the port of the replica that they leave") {
  ApartWorld world;
  world.prefill = config(100, false);
  world.prefill.max_num_batched_tokens = 128;
  world.decode = config(100, false);
  world.decode_replicas = 2;
  world.port.bandwidth = BytesPerSecond{1e9};
  world.port.block = Bytes{1e6};
  Request request;
  request.input_tokens = 16;
  request.output_tokens = request.max_tokens = 2;
  world.requests = {request, request};
  const Recorder recorder = run(world, false);
  for (const RequestRecord& record : recorder.requests) CHECK(record.kv_transfer.ps == 2'000'000'000);
  CHECK(recorder.requests[0].decode_replica != recorder.requests[1].decode_replica);
}
