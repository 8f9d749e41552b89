#include "sim/scenario/saturation.hpp"

#include <algorithm>
#include <cmath>

namespace memwall {
namespace {

std::int64_t whole(double amount) { return static_cast<std::int64_t>(std::floor(amount + 0.5)); }

/// The steady state at `rate` requests a cycle: every request takes its slot for the cycles that its prompt is computed
/// in and for one cycle for each token after the first.
struct Steady {
  double rate = 0;         ///< requests that start, and end, in a cycle
  double chunks = 1;       ///< cycles in which a prompt is computed
  double batch = 0;        ///< sequences that have a slot
  double mixed_share = 0;  ///< of the cycles, how many compute prompt tokens
};

Steady steady(double rate, double budget, const MeanRequest& request) {
  Steady state;
  state.rate = rate;
  const double decoding = rate * (request.output - 1);
  state.chunks = std::max(1.0, request.uncached / std::max(1.0, budget - decoding));
  state.batch = decoding + rate * state.chunks;
  state.mixed_share = std::min(1.0, rate * state.chunks);
  return state;
}

BatchShape decode_cycle(const Steady& state, double context) {
  BatchShape shape;
  shape.decode_sequences = whole(state.batch);
  shape.decode_tokens = shape.tokens = shape.sampled = shape.decode_sequences;
  shape.decode_context = whole(state.batch * context);
  return shape;
}

/// A cycle with prompt tokens: those of one prompt at a time while prompts are rarer than cycles, else of several.
BatchShape mixed_cycle(const Steady& state, const MeanRequest& request, double context) {
  const double prompts = state.rate / state.mixed_share;  // that end in this cycle
  const double decoding = std::max(0.0, state.batch - std::max(1.0, state.rate * state.chunks));
  const double cached = request.input - request.uncached;
  BatchShape shape;
  shape.decode_sequences = shape.decode_tokens = whole(decoding);
  shape.decode_context = whole(decoding * context);
  shape.prefill_tokens = std::max<std::int64_t>(1, whole(prompts * request.uncached));
  shape.prefill_pairs = whole(prompts * request.uncached * (cached + (request.uncached + 1) / 2));
  // Equal chunks end at 1/c, 2/c, ... of the prompt, and each reads everything before its end.
  shape.prefill_context = whole(prompts * (cached * state.chunks + request.uncached * (state.chunks + 1) / 2));
  shape.tokens = shape.decode_tokens + shape.prefill_tokens;
  shape.sampled = shape.decode_sequences + whole(prompts);
  return shape;
}

Seconds price(const BuiltPool& pool, const CyclePricer& program, BatchShape shape) {
  if (shape.tokens == 0) return {};
  shape.padded = pool.engine.padding.rows(shape.tokens);
  return Seconds{program.price_from_scratch(shape).total().value};
}

}  // namespace

PoolCapacity pool_capacity(const BuiltPool& pool, const CyclePricer& program, const MeanRequest& request) {
  law(request.uncached >= 1 && request.output >= 1 && request.input >= request.uncached,
      "a request computes and generates at least one token");
  const VllmConfig& engine = pool.engine.scheduler;
  const double budget = static_cast<double>(engine.max_num_batched_tokens);
  const double context = request.input + request.output / 2;
  // The last block of a sequence is half full on average.
  const double blocks_each = context / static_cast<double>(engine.block_size) + 0.5;
  const double by_blocks = static_cast<double>(engine.num_blocks - 1) * (1 - engine.watermark) / blocks_each;
  const double by_slots = static_cast<double>(engine.max_num_seqs);
  const double largest = std::max(1.0, std::min(by_blocks, by_slots));

  PoolCapacity capacity;
  Steady state = steady(budget / (request.output - 1 + request.uncached), budget, request);
  capacity.limit = Limit::token_budget;
  if (state.batch > largest) {
    capacity.limit = by_blocks < by_slots ? Limit::kv_capacity : Limit::max_seqs;
    double low = 0;
    double high = state.rate;
    // The batch grows with the rate; 60 halvings leave nothing of the interval that doubles can tell.
    for (int i = 0; i < 60; ++i) {
      const double middle = (low + high) / 2;
      (steady(middle, budget, request).batch <= largest ? low : high) = middle;
    }
    state = steady(low, budget, request);
  }
  capacity.batch = state.batch;
  const Seconds mixed = price(pool, program, mixed_cycle(state, request, context));
  const Seconds decode = price(pool, program, decode_cycle(state, context));
  capacity.cycle = mixed * state.mixed_share + decode * (1 - state.mixed_share);
  capacity.requests_per_s = static_cast<double>(pool.spec.replicas) * state.rate / capacity.cycle.value;
  return capacity;
}

Saturation saturation(const Outcome& outcome) {
  Saturation out;
  const Results& results = outcome.results;
  const auto completed = static_cast<double>(results.requests.of(Status::completed));
  if (completed == 0) return out;
  MeanRequest request;
  request.input = static_cast<double>(results.tokens.input) / completed;
  request.uncached = std::max(1.0, request.input - static_cast<double>(results.tokens.input_cached) / completed);
  request.output = static_cast<double>(results.tokens.output) / completed;
  const std::vector<PoolSetup> setups = pool_setups(outcome.built);
  for (std::size_t i = 0; i < setups.size(); ++i) {
    out.pools.push_back(pool_capacity(outcome.built.pools[i], *setups[i].program, request));
    out.capacity_requests_per_s += out.pools.back().requests_per_s;
  }
  if (outcome.closed_loop || outcome.arrivals.seconds() <= 0) return out;
  out.arrivals_per_s = static_cast<double>(results.requests.arrived) / outcome.arrivals.seconds();
  out.load = *out.arrivals_per_s / out.capacity_requests_per_s;
  return out;
}

}  // namespace memwall
