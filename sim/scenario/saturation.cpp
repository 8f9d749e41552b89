#include "sim/scenario/saturation.hpp"

#include <algorithm>
#include <cstddef>

namespace memwall {
namespace {

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
  const double context = request.context();
  // The last block of a sequence is half full on average.
  const double blocks_each =
      context / static_cast<double>(engine.block_size) + 0.5 + static_cast<double>(engine.sequence_blocks);
  const double by_blocks = static_cast<double>(engine.num_blocks - 1) * (1 - engine.watermark) / blocks_each;
  const double by_slots = static_cast<double>(engine.max_num_seqs);
  const double largest = std::max(1.0, std::min(by_blocks, by_slots));

  PoolCapacity capacity;
  SteadyState state = steady_at_rate(rate_of_budget(budget, request), budget, request);
  capacity.limit = Limit::token_budget;
  if (state.batch > largest) {
    capacity.limit = by_blocks < by_slots ? Limit::kv_capacity : Limit::max_seqs;
    state = steady_at_batch(largest, budget, request);
  }
  capacity.batch = state.batch;
  const Seconds mixed = price(pool, program, mixed_cycle(state, request, program.reaches()));
  const Seconds decode = price(pool, program, decode_cycle(state, request, program.reaches()));
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
