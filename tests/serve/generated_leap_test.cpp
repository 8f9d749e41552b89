// Leaping is exact for traffic that waits for answers, repeats them in later prompts, and is cancelled by its source.
#include <string>

#include "tests/catch.hpp"
#include "tests/serve/same_run.hpp"
#include "tests/serve/toy.hpp"
#include "workloads/generators/rollouts.hpp"
#include "workloads/generators/sessions.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

/// Draws of one random world, in order.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : key_{seed, 17, 0, Purpose::test} {}
  std::int64_t integer(std::int64_t low, std::int64_t high) {
    ++key_.request;
    return random_integer(key_, low, high);
  }
  bool one_in(std::int64_t n) { return integer(1, n) == 1; }
  Length length(std::int64_t most) { return UniformLength{1, integer(1, most)}; }
  Delay delay() {
    Delay delay;
    delay.most = Duration::from(Seconds{1});
    if (!one_in(3)) delay.distribution = ExponentialDelay{Seconds{0.001 * static_cast<double>(integer(1, 40))}};
    return delay;
  }

 private:
  DrawKey key_;
};

VllmConfig random_engine(Dice& dice) {
  VllmConfig c;
  c.block_size = dice.one_in(2) ? 4 : 16;
  c.max_model_len = 300;
  c.num_blocks = dice.one_in(2) ? 300 / c.block_size + 2 + dice.integer(0, 10) : 900;
  c.max_num_seqs = dice.integer(1, 12);
  c.max_num_batched_tokens = dice.integer(16, 128);
  c.enable_prefix_caching = !dice.one_in(4);
  c.enable_chunked_prefill = true;
  c.scheduler_reserve_full_isl = !dice.one_in(4);
  c.async_scheduling = dice.one_in(2);
  return c;
}

Arrivals random_arrivals(Dice& dice) {
  if (dice.one_in(2)) return ClosedLoop{dice.integer(1, 12), Duration{}};
  return OpenArrivals{GammaArrivals{PerSecond{static_cast<double>(dice.integer(1, 60))}, 1}};
}

SessionOptions random_sessions(Dice& dice) {
  SessionOptions o;
  o.begin.extent.count = dice.integer(1, 14);
  o.begin.arrivals = random_arrivals(dice);
  if (dice.one_in(2)) {
    o.system.groups = dice.integer(1, 2);
    o.system.tokens = dice.length(40);
  }
  o.turns = dice.length(4);
  o.user = dice.length(30);
  if (dice.one_in(3)) o.first = dice.length(60);
  o.answer = dice.length(40);
  o.think = dice.delay();
  if (dice.one_in(2)) {
    o.tools = ToolLoop{dice.one_in(2) ? 1.0 : 0.5, dice.length(3), dice.length(20), dice.delay()};
    if (dice.one_in(2))
      o.subagents = Subagents{0.5, dice.length(3), dice.integer(0, 20), dice.length(30), dice.length(2)};
  }
  if (dice.one_in(2)) o.compaction = Compaction{dice.integer(60, 200), dice.length(20)};
  if (dice.one_in(3)) o.stop = {.eos = true, .max_tokens = 30, .timeout = {}};
  if (dice.one_in(4)) o.stop.timeout = Duration::from(Seconds{0.1});
  return o;
}

RolloutOptions random_rollouts(Dice& dice) {
  RolloutOptions o;
  o.batches = dice.integer(1, 3);
  o.prompts = dice.integer(1, 5);
  o.samples = dice.integer(1, 4);
  o.oversample = o.prompts + (dice.one_in(3) ? 0 : dice.integer(1, 4));
  o.accepted = dice.one_in(3) ? 0.6 : 1;
  o.lengths.input = dice.length(60);
  o.lengths.output = dice.length(150);
  o.cap = dice.integer(20, 120);
  if (dice.one_in(2)) o.partial_tokens = dice.integer(10, 130);
  o.update = dice.delay();
  return o;
}

struct World {
  VllmConfig engine;
  std::int32_t replicas = 1;
  std::function<std::unique_ptr<RequestSource>()> source;
};

Recorder run(const World& world, bool reference) {
  Recorder recorder;
  std::vector<PoolSetup> pools(1);
  pools[0].engine.scheduler = world.engine;
  pools[0].engine.padding = GraphPadding::vllm(world.engine.max_num_seqs, 0);
  pools[0].engine.one_cycle_an_event = reference;
  pools[0].replicas = world.replicas;
  pools[0].program = toy_program(world.engine.async_scheduling, {});
  std::vector<WorkloadSetup> workloads(1);
  workloads[0].source = world.source();
  Cluster cluster(std::move(pools), std::move(workloads), std::make_unique<LeastLoaded>(world.replicas), recorder);
  cluster.run();
  CHECK(cluster.source(0).exhausted());
  return recorder;
}

struct Seen {
  std::int64_t requests = 0;
  std::int64_t hits = 0;
  std::int64_t preemptions = 0;
  std::int64_t cancelled = 0;
  std::int64_t cycles = 0;
  std::size_t segments = 0;
};

template <class Make>
Seen hold(Make&& make, std::uint64_t worlds) {
  Seen seen;
  for (std::uint64_t seed = 1; seed <= worlds; ++seed) {
    const World world = make(seed);
    const Recorder leap = run(world, false);
    const std::string wrong = difference(leap, run(world, true));
    INFO("world " << seed);
    REQUIRE(wrong == "");
    for (const RequestRecord& record : leap.requests) {
      ++seen.requests;
      seen.hits += record.cached_tokens > 0 ? 1 : 0;
      seen.preemptions += record.preemptions;
      seen.cancelled += record.status == Status::aborted ? 1 : 0;
    }
  }
  return seen;
}

}  // namespace

TEST_CASE("leap equals reference on random sessions, whose prompts repeat earlier answers") {
  const Seen seen = hold(
      [](std::uint64_t seed) {
        Dice dice(seed);
        World world{random_engine(dice), static_cast<std::int32_t>(dice.integer(1, 2)), {}};
        const SessionOptions options = random_sessions(dice);
        world.source = [options, seed] {
          SourceContext context;
          context.seed = seed;
          return session_requests(options, context);
        };
        return world;
      },
      4000);
  // The worlds are not idle ones.
  CHECK(seen.requests > 50'000);
  CHECK(seen.hits > 20'000);
  CHECK(seen.preemptions > 100);
}

TEST_CASE("leap equals reference on random rollouts, whose rest is cancelled when enough is complete") {
  const Seen seen = hold(
      [](std::uint64_t seed) {
        Dice dice(seed);
        World world{random_engine(dice), static_cast<std::int32_t>(dice.integer(1, 3)), {}};
        const RolloutOptions options = random_rollouts(dice);
        world.source = [options, seed] {
          SourceContext context;
          context.seed = seed;
          return rollout_requests(options, context);
        };
        return world;
      },
      3000);
  CHECK(seen.requests > 50'000);
  CHECK(seen.hits > 5'000);
  CHECK(seen.cancelled > 5'000);
  CHECK(seen.preemptions > 100);
}
