#include "sim/scenario/saturation.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

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

/// The sums of `sequences` that decode at the mean context; in chunks, half of one is reached on average.
void add_decodes(double sequences, double context, std::span<const Reach> reaches, BatchShape& shape) {
  for (std::size_t i = 0; i < reaches.size(); ++i) {
    const auto tokens = static_cast<double>(reaches[i].tokens);
    const bool in_chunks = reaches[i].kind == ReachKind::chunk && context > tokens;
    shape.reaches[i].decode_context = whole(sequences * (in_chunks ? (tokens + 1) / 2 : std::min(context, tokens)));
  }
}

/// The sums of `prompts` whose last part of `tokens` is computed behind `before` cached ones, in `chunks` pieces.
void add_prompts(double prompts, double before, double tokens, double chunks, std::span<const Reach> reaches,
                 BatchShape& shape) {
  shape.prefill_sequences = std::max<std::int64_t>(1, whole(prompts * chunks));
  for (std::size_t i = 0; i < reaches.size(); ++i) {
    const std::int64_t pairs = reached_pairs(reaches[i], whole(before), std::max<std::int64_t>(1, whole(tokens)));
    const std::int64_t keys =
        keys_read(reaches[i], whole(before + tokens / 2), std::max<std::int64_t>(1, whole(tokens / chunks)));
    shape.reaches[i].prefill_pairs = whole(prompts * static_cast<double>(pairs));
    shape.reaches[i].prefill_context = whole(prompts * chunks * static_cast<double>(keys));
  }
}

BatchShape decode_cycle(const Steady& state, double context, std::span<const Reach> reaches) {
  BatchShape shape;
  shape.decode_sequences = whole(state.batch);
  shape.decode_tokens = shape.tokens = shape.sampled = shape.decode_sequences;
  shape.decode_context = whole(state.batch * context);
  add_decodes(state.batch, context, reaches, shape);
  return shape;
}

/// A cycle with prompt tokens: those of one prompt at a time while prompts are rarer than cycles, else of several.
BatchShape mixed_cycle(const Steady& state, const MeanRequest& request, double context,
                       std::span<const Reach> reaches) {
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
  add_decodes(decoding, context, reaches, shape);
  add_prompts(prompts, cached, request.uncached, state.chunks, reaches, shape);
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
  const double blocks_each =
      context / static_cast<double>(engine.block_size) + 0.5 + static_cast<double>(engine.sequence_blocks);
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
  const Seconds mixed = price(pool, program, mixed_cycle(state, request, context, program.reaches()));
  const Seconds decode = price(pool, program, decode_cycle(state, context, program.reaches()));
  capacity.cycle = mixed * state.mixed_share + decode * (1 - state.mixed_share);
  capacity.requests_per_s = static_cast<double>(pool.spec.engines()) * state.rate / capacity.cycle.value;
  return capacity;
}

Saturation saturation(const Outcome& outcome) {
  Saturation out;
  const Results& results = outcome.results;
  // The estimate is of replicas that do all of a request; where prefill is apart from decode there is none.
  for (const BuiltPool& pool : outcome.built.pools) {
    if (pool.spec.role != PoolRole::mixed) return out;
  }
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
