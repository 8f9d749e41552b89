// What holds for the engine in every cycle, whatever the requests: budgets are kept and no block is lost.
#include <deque>
#include <map>
#include <set>

#include "sim/serve/kv/block_pool.hpp"
#include "sim/serve/kv/counted_blocks.hpp"
#include "sim/serve/scheduler/vllm.hpp"
#include "tests/catch.hpp"
#include "tests/laws/random_cycle.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

VllmConfig random_config(Dice& dice) {
  VllmConfig c;
  c.block_size = dice.integer(0, 1) == 0 ? 4 : 16;
  c.num_blocks = dice.integer(0, 1) == 0 ? dice.integer(14, 40) : 300;
  c.max_num_seqs = dice.integer(1, 16);
  c.max_num_batched_tokens = dice.integer(64, 160);
  c.max_model_len = 13 * c.block_size;
  c.enable_prefix_caching = dice.integer(0, 3) != 0;
  c.enable_chunked_prefill = dice.integer(0, 3) != 0;
  c.watermark = dice.integer(0, 2) == 0 ? 0.1 : 0;
  c.scheduler_reserve_full_isl = dice.integer(0, 2) != 0;
  c.long_prefill_token_threshold = dice.integer(0, 2) == 0 ? 20 : 0;
  c.policy = dice.integer(0, 1) == 0 ? QueuePolicy::priority : QueuePolicy::fcfs;
  c.async_scheduling = dice.integer(0, 1) == 1;
  // Without chunks a prompt must fit the budget, a resumed one with its answer too.
  if (!c.enable_chunked_prefill) c.max_num_batched_tokens = c.max_model_len;
  return c;
}

Request random_request(Dice& dice, const VllmConfig& config, bool shares) {
  Request r;
  r.input_tokens = dice.integer(1, config.max_model_len / 2);
  r.output_tokens = r.max_tokens = dice.integer(1, config.max_model_len / 2 - 2);
  if (dice.integer(0, 3) == 0) {
    r.stops_by_eos = true;
    r.max_tokens = r.output_tokens + dice.integer(0, 2);
  }
  r.priority = dice.integer(0, 3);
  if (shares && dice.integer(0, 2) > 0) {
    r.prompt.push_back({static_cast<std::uint64_t>(dice.integer(1, 3)), 0, r.input_tokens});
  }
  return r;
}

/// An engine that is driven as a replica drives it: as many plans in flight as the configuration allows.
class Drive {
 public:
  Drive(const VllmConfig& config, bool counted)
      : config_(config), counted_(counted), scheduler_(config, cache(config, counted)) {}

  void add(Request request) {
    REQUIRE(scheduler_.refusal(request).empty());
    scheduler_.add(std::move(request));
  }

  /// One boundary: results of the oldest cycle in flight, then plans. False when nothing is left to do.
  bool step() {
    if (!flight_.empty()) {
      CycleResult result;
      scheduler_.result(flight_.front(), cycle_, Time{(cycle_ + 1) * 1000}, result);
      ++cycle_;
      flight_.pop_front();
      check_blocks();
      for (const Slot slot : result.finished) {
        const Sequence& s = scheduler_.sequence(slot);
        CHECK(s.generated() == s.request.output_tokens);
        ++ended[s.request.id.value];
        scheduler_.forget(slot);
      }
    }
    while (static_cast<std::int64_t>(flight_.size()) < config_.batches_in_flight()) {
      Plan plan;
      scheduler_.plan(plan);
      check_plan(plan);
      preemptions += static_cast<std::int64_t>(plan.preempted.size());
      for (const Admission& admission : plan.admitted) hits += admission.computed > 0 ? 1 : 0;
      const bool only_preempted = plan.empty() && !plan.preempted.empty();
      if (only_preempted) continue;
      if (plan.empty()) break;
      flight_.push_back(std::move(plan));
    }
    if (flight_.empty()) CHECK(scheduler_.idle());
    return !flight_.empty();
  }

  std::map<std::int64_t, int> ended;
  std::int64_t preemptions = 0;
  std::int64_t hits = 0;
  std::int64_t plans = 0;

 private:
  static std::unique_ptr<KvCache> cache(const VllmConfig& c, bool counted) {
    if (counted) return std::make_unique<CountedBlocks>(c.num_blocks, c.block_size, c.enable_prefix_caching);
    return std::make_unique<BlockPool>(c.num_blocks, c.block_size, c.enable_prefix_caching);
  }

  void check_plan(const Plan& plan) {
    ++plans;
    std::int64_t tokens = 0;
    std::set<Slot> slots;
    for (const Scheduled& entry : plan.batch) {
      CHECK(entry.tokens > 0);
      tokens += entry.tokens;
      slots.insert(entry.slot);
    }
    CHECK(slots.size() == plan.batch.size());
    CHECK(tokens == plan.shape.tokens);
    CHECK(tokens == plan.shape.decode_tokens + plan.shape.prefill_tokens);
    CHECK(tokens <= config_.max_num_batched_tokens);
    CHECK(static_cast<std::int64_t>(plan.batch.size()) <= config_.max_num_seqs);
    CHECK(static_cast<std::int64_t>(scheduler_.running().size()) <= config_.max_num_seqs);
    check_blocks();
  }

  /// Every block is free or held by somebody who runs, and whoever runs has room for what is computed.
  void check_blocks() {
    std::set<std::int32_t> distinct;
    std::int64_t held = 0;
    for (const Slot slot : scheduler_.running()) {
      const Sequence& s = scheduler_.sequence(slot);
      held += s.held;
      distinct.insert(s.blocks.begin(), s.blocks.end());
      CHECK(s.computed <= s.held * config_.block_size);
      if (!counted_) CHECK(s.held == static_cast<std::int64_t>(s.blocks.size()));
    }
    for (const Slot slot : scheduler_.queue()) CHECK(scheduler_.sequence(slot).held == 0);
    CHECK(distinct.count(0) == 0);
    const std::int64_t used = counted_ ? held : static_cast<std::int64_t>(distinct.size());
    CHECK(used + scheduler_.kv().free() == scheduler_.kv().capacity());
    CHECK(scheduler_.kv().capacity() == config_.num_blocks - 1);
  }

  VllmConfig config_;
  bool counted_;
  VllmScheduler scheduler_;
  std::deque<Plan> flight_;
  std::int64_t cycle_ = 0;
};

struct Totals {
  std::int64_t preemptions = 0;
  std::int64_t hits = 0;
};

Totals drive_random_worlds(bool counted) {
  Totals totals;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    INFO((counted ? "counted" : "identified") << " blocks, seed " << seed);
    Dice dice(seed);
    const VllmConfig config = random_config(dice);
    Drive drive(config, counted);
    const std::int64_t requests = dice.integer(1, 40);
    std::int64_t next = 0;
    std::int64_t steps = 0;
    for (bool busy = true; busy || next < requests;) {
      while (next < requests && (!busy || dice.integer(0, 3) == 0)) {
        Request request = random_request(dice, config, !counted);
        request.id = RequestId{next++};
        drive.add(std::move(request));
        busy = true;
      }
      busy = drive.step();
      REQUIRE(++steps < 100'000);
    }
    CHECK(static_cast<std::int64_t>(drive.ended.size()) == requests);
    for (const auto& [id, times] : drive.ended) {
      INFO("request " << id);
      CHECK(times == 1);
    }
    totals.preemptions += drive.preemptions;
    totals.hits += drive.hits;
  }
  return totals;
}

}  // namespace

TEST_CASE("budgets hold, no block is lost and every request ends once, with blocks of identity") {
  const Totals totals = drive_random_worlds(false);
  CHECK(totals.preemptions > 100);
  CHECK(totals.hits > 100);
}

TEST_CASE("budgets hold, no block is lost and every request ends once, with counted blocks") {
  const Totals totals = drive_random_worlds(true);
  CHECK(totals.preemptions > 100);
}
