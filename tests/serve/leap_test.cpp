// Leaping is exact: many cycles in one event give, to the picosecond, what one cycle an event gives.
#include <algorithm>
#include <cstdlib>
#include <string>

#include "tests/catch.hpp"
#include "tests/serve/same_run.hpp"
#include "tests/serve/toy.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

/// Content that others may share from the start on: a few streams, pieces that do not fit the blocks, and ranges that
/// continue each other. Sometimes the end of the prompt is left undeclared.
template <class Integer>
std::vector<TokenRange> random_prompt(std::int64_t tokens, Integer&& integer) {
  std::vector<TokenRange> prompt;
  const std::int64_t declared = integer(0, 3) == 0 ? integer(0, tokens) : tokens;
  for (std::int64_t described = 0; described < declared;) {
    const std::int64_t length = std::min(declared - described, integer(0, 1) == 0 ? declared : 8 * integer(1, 4));
    const bool goes_on = !prompt.empty() && integer(0, 1) == 0;
    const std::uint64_t stream = goes_on ? prompt.back().stream : static_cast<std::uint64_t>(integer(1, 3));
    const std::int64_t begin = goes_on ? prompt.back().end : integer(0, 3) == 0 ? 4 : 0;
    prompt.push_back({stream, begin, begin + length});
    described += length;
  }
  return prompt;
}

/// A small random world: policies, budgets, tiny caches, ends of sequence, priorities, bunched arrivals.
ToyRun random_world(std::uint64_t seed) {
  const DrawKey key{seed, 0, 0, Purpose::test};
  std::uint64_t n = 0;
  const auto integer = [&](std::int64_t low, std::int64_t high) {
    DrawKey one = key;
    one.request = ++n;
    return random_integer(one, low, high);
  };
  ToyRun toy;
  VllmConfig& c = toy.config;
  c.block_size = integer(0, 1) == 0 ? 4 : 16;
  c.num_blocks = integer(0, 1) == 0 ? integer(12, 60) : 400;
  c.max_num_seqs = integer(1, 12);
  c.max_num_batched_tokens = integer(16, 128);
  c.max_model_len = 200;
  c.enable_prefix_caching = integer(0, 1) == 1;
  c.enable_chunked_prefill = true;
  c.watermark = integer(0, 3) == 0 ? 0.1 : 0;
  c.scheduler_reserve_full_isl = integer(0, 3) != 0;
  c.long_prefill_token_threshold = integer(0, 3) == 0 ? 24 : 0;
  c.policy = integer(0, 2) == 0 ? QueuePolicy::priority : QueuePolicy::fcfs;
  c.async_scheduling = integer(0, 1) == 1;
  toy.replicas = static_cast<std::int32_t>(integer(1, 2));
  const std::int64_t requests = integer(1, 25);
  std::int64_t at = 0;
  for (std::int64_t i = 0; i < requests; ++i) {
    if (integer(0, 2) > 0) at += integer(0, 30'000) * 1'000'000;
    Request r;
    r.arrival = Time{at};
    r.input_tokens = integer(1, 60);
    r.output_tokens = integer(1, 120);
    r.max_tokens = r.output_tokens;
    if (integer(0, 3) == 0) {
      r.stops_by_eos = true;
      r.max_tokens = r.output_tokens + integer(0, 10);
    }
    r.priority = integer(0, 3);
    if (integer(0, 5) == 0) r.gives_up = r.arrival + Duration{integer(1, 800'000) * 1'000'000};
    if (integer(0, 2) > 0) r.prompt = random_prompt(r.input_tokens, integer);
    toy.requests.push_back(r);
  }
  return toy;
}

Recorder run(const ToyRun& toy, bool reference) {
  Recorder recorder;
  run_toy(toy, reference, recorder);
  return recorder;
}

/// Leap against reference.
std::string leap_difference(const ToyRun& toy) { return difference(run(toy, false), run(toy, true)); }

/// The same where blocks are counted and sequences that decode in step are grouped.
std::string grouped_difference(ToyRun toy) {
  for (Request& request : toy.requests) request.prompt.clear();
  toy.identity = false;
  return leap_difference(toy);
}

/// Counted blocks against blocks with identity, where no request shares a token with another.
std::string counting_difference(ToyRun toy) {
  for (Request& request : toy.requests) request.prompt.clear();
  ToyRun counted = toy;
  counted.identity = false;
  return difference(run(counted, false), run(toy, false));
}

/// The world with windows, chunks and chosen keys, and with blocks that a sequence takes whatever its length.
ToyRun windowed_world(std::uint64_t seed) {
  ToyRun toy = random_world(seed);
  std::uint64_t n = 0;
  const auto integer = [&](std::int64_t low, std::int64_t high) {
    return random_integer({seed, ++n, 5, Purpose::test}, low, high);
  };
  const ReachKind kinds[] = {ReachKind::window, ReachKind::chunk, ReachKind::selected};
  const std::int64_t count = integer(1, 3);
  for (std::int64_t i = 0; i < count; ++i) {
    const Reach reach{kinds[static_cast<std::size_t>(integer(0, 2))], integer(1, 100)};
    // A program names each reach once.
    if (std::find(toy.config.reaches.begin(), toy.config.reaches.end(), reach) == toy.config.reaches.end()) {
      toy.config.reaches.push_back(reach);
    }
  }
  toy.config.sequence_blocks = integer(0, 2);
  return toy;
}

/// A moment exactly on a boundary of a cycle of that world, a picosecond before it, or after it.
Time near_boundary(const ToyRun& toy, std::uint64_t seed) {
  const Recorder before = run(toy, false);
  if (before.boundaries.empty()) return toy.requests.front().arrival;
  const auto last = static_cast<std::int64_t>(before.boundaries.size()) - 1;
  const auto pick = static_cast<std::size_t>(random_integer({seed, 1, 0, Purpose::test}, 0, last));
  return Time{before.boundaries[pick].ps + random_integer({seed, 1, 1, Purpose::test}, -1, 1)};
}

/// The world again with one more request at such a moment.
ToyRun with_arrival_at_boundary(const ToyRun& toy, std::uint64_t seed) {
  ToyRun more = toy;
  Request late;
  late.arrival = near_boundary(toy, seed);
  late.input_tokens = 20;
  late.output_tokens = late.max_tokens = 30;
  more.requests.push_back(late);
  std::stable_sort(more.requests.begin(), more.requests.end(),
                   [](const Request& a, const Request& b) { return a.arrival < b.arrival; });
  return more;
}

/// The world again with a client that gives up at such a moment.
ToyRun with_abort_at_boundary(const ToyRun& toy, std::uint64_t seed) {
  ToyRun more = toy;
  const Time when = near_boundary(toy, seed);
  const auto last = static_cast<std::int64_t>(toy.requests.size()) - 1;
  auto pick = static_cast<std::size_t>(random_integer({seed, 1, 2, Purpose::test}, 0, last));
  while (pick > 0 && more.requests[pick].arrival >= when) --pick;
  if (more.requests[pick].arrival < when) more.requests[pick].gives_up = when;
  return more;
}

/// Holds a property on many random worlds. A world that fails shrinks to its smallest form, and its seed replays it.
/// MEMWALL_WORLDS sets another number of worlds.
template <class World, class Property>
void hold(World&& world, Property&& wrong_with, std::uint64_t worlds) {
  const char* replay = std::getenv("MEMWALL_REPLAY_SEED");
  const std::uint64_t first = replay != nullptr ? std::strtoull(replay, nullptr, 10) : 1;
  const char* more = std::getenv("MEMWALL_WORLDS");
  if (more != nullptr) worlds = std::strtoull(more, nullptr, 10);
  const std::uint64_t last = replay != nullptr ? first : worlds;
  std::uint64_t held = 0;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    ToyRun toy = world(seed);
    std::string wrong = wrong_with(toy);
    if (wrong.empty()) {
      ++held;
      continue;
    }
    for (std::size_t i = toy.requests.size(); i-- > 0;) {
      ToyRun smaller = toy;
      smaller.requests.erase(smaller.requests.begin() + static_cast<std::ptrdiff_t>(i));
      if (const std::string still = wrong_with(smaller); !still.empty()) {
        toy = smaller;
        wrong = still;
      }
    }
    INFO("replay with MEMWALL_REPLAY_SEED=" << seed << "; smallest form has " << toy.requests.size() << " requests");
    for (const Request& r : toy.requests) {
      UNSCOPED_INFO("arrival " << r.arrival.ps << " gives up " << r.gives_up.ps << " in " << r.input_tokens << " out "
                               << r.output_tokens << " max " << r.max_tokens << " priority " << r.priority
                               << " content " << r.prompt.size());
    }
    FAIL(wrong);
  }
  CHECK(held == last - first + 1);
}

}  // namespace

// The reference keeps its cache block by block, the leaping engine by extents.
TEST_CASE("leap equals reference on random worlds") { hold(random_world, leap_difference, 2000); }

TEST_CASE("leap equals reference with arrivals on and around the boundaries of cycles") {
  hold([](std::uint64_t seed) { return with_arrival_at_boundary(random_world(seed), seed); }, leap_difference, 1000);
}

TEST_CASE("leap equals reference with clients that give up on and around the boundaries of cycles") {
  hold([](std::uint64_t seed) { return with_abort_at_boundary(random_world(seed), seed); }, leap_difference, 2000);
}

TEST_CASE("counted blocks equal identified blocks where nobody shares") {
  hold(random_world, counting_difference, 2000);
}

TEST_CASE("grouped planning equals plain planning on random worlds") { hold(random_world, grouped_difference, 4000); }

TEST_CASE("grouped planning equals plain planning with clients that give up on and around the boundaries of cycles") {
  hold([](std::uint64_t seed) { return with_abort_at_boundary(random_world(seed), seed); }, grouped_difference, 2000);
}

TEST_CASE("grouped planning equals plain planning with arrivals on and around the boundaries of cycles") {
  hold([](std::uint64_t seed) { return with_arrival_at_boundary(random_world(seed), seed); }, grouped_difference, 2000);
}

TEST_CASE("leap equals reference where attention reaches a window or a chunk") {
  hold(windowed_world, leap_difference, 2000);
  hold([](std::uint64_t seed) { return with_arrival_at_boundary(windowed_world(seed), seed); }, leap_difference, 500);
}

TEST_CASE("grouped planning equals plain planning where attention reaches a window or a chunk") {
  hold(windowed_world, grouped_difference, 3000);
  hold([](std::uint64_t seed) { return with_arrival_at_boundary(windowed_world(seed), seed); }, grouped_difference,
       1000);
}

TEST_CASE("windows end segments, so that a leap never outlives one") {
  ToyRun toy;
  toy.config.num_blocks = 400;
  toy.config.max_num_seqs = 4;
  toy.config.max_num_batched_tokens = 128;
  toy.config.max_model_len = 200;
  Request request;
  request.input_tokens = 10;
  request.output_tokens = request.max_tokens = 150;
  toy.requests = {request};
  const std::size_t without = run(toy, false).segments.size();
  toy.config.reaches = {{ReachKind::window, 50}};
  CHECK(run(toy, false).segments.size() == without + 1);
  toy.config.reaches = {{ReachKind::chunk, 50}};
  CHECK(run(toy, false).segments.size() == without + 3);
}
