#include "sim/scenario/steady_state.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace memwall {
namespace {

std::int64_t whole(double amount) { return static_cast<std::int64_t>(std::floor(amount + 0.5)); }

/// `sequences` that decode at the mean context; in chunks, half of one is reached on average.
BatchShape decodes(double sequences, double context, std::span<const Reach> reaches) {
  BatchShape shape;
  shape.decode_sequences = whole(sequences);
  shape.decode_tokens = shape.tokens = shape.sampled = shape.decode_sequences;
  shape.decode_context = whole(sequences * context);
  for (std::size_t i = 0; i < reaches.size(); ++i) {
    const auto tokens = static_cast<double>(reaches[i].tokens);
    const bool in_chunks = reaches[i].kind == ReachKind::chunk && context > tokens;
    shape.reaches[i].decode_context = whole(sequences * (in_chunks ? (tokens + 1) / 2 : std::min(context, tokens)));
  }
  return shape;
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

/// Sequences of a mixed cycle that are past their prompt.
double decoding(const SteadyState& state) {
  return std::max(0.0, state.batch - std::max(1.0, state.rate * state.chunks));
}

}  // namespace

SteadyState steady_at_rate(double rate, double budget, const MeanRequest& request) {
  SteadyState state;
  state.rate = rate;
  const double decoding = rate * (request.output - 1);
  state.chunks = std::max(1.0, request.uncached / std::max(1.0, budget - decoding));
  state.batch = decoding + rate * state.chunks;
  state.mixed_share = std::min(1.0, rate * state.chunks);
  return state;
}

double rate_of_budget(double budget, const MeanRequest& request) {
  return budget / (request.output - 1 + request.uncached);
}

SteadyState steady_at_batch(double batch, double budget, const MeanRequest& request) {
  double low = 0;
  double high = rate_of_budget(budget, request);
  const SteadyState most = steady_at_rate(high, budget, request);
  if (most.batch <= batch) return most;
  // The batch grows with the rate; 60 halvings leave nothing of the interval that doubles can tell.
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (steady_at_rate(middle, budget, request).batch <= batch ? low : high) = middle;
  }
  return steady_at_rate(low, budget, request);
}

BatchShape decode_cycle(const SteadyState& state, const MeanRequest& request, std::span<const Reach> reaches) {
  return decodes(state.batch, request.context(), reaches);
}

BatchShape decodes_of_mixed_cycle(const SteadyState& state, const MeanRequest& request,
                                  std::span<const Reach> reaches) {
  return decodes(decoding(state), request.context(), reaches);
}

BatchShape mixed_cycle(const SteadyState& state, const MeanRequest& request, std::span<const Reach> reaches) {
  const double prompts = state.rate / state.mixed_share;  // that end in this cycle
  const double cached = request.input - request.uncached;
  BatchShape shape = decodes(decoding(state), request.context(), reaches);
  shape.prefill_tokens = std::max<std::int64_t>(1, whole(prompts * request.uncached));
  shape.prefill_pairs = whole(prompts * request.uncached * (cached + (request.uncached + 1) / 2));
  // Equal chunks end at 1/c, 2/c, ... of the prompt, and each reads everything before its end.
  shape.prefill_context = whole(prompts * (cached * state.chunks + request.uncached * (state.chunks + 1) / 2));
  shape.tokens = shape.decode_tokens + shape.prefill_tokens;
  shape.sampled = shape.decode_sequences + whole(prompts);
  add_prompts(prompts, cached, request.uncached, state.chunks, reaches, shape);
  return shape;
}

}  // namespace memwall
