// The closed forms behind price steps: plain numbers in, a length in tokens out. docs/price.md derives each.
#pragma once

namespace memwall::tools::price {

/// Tokens at which the cache of one sequence is as large as the weights: `weight_bytes / kv_bytes`. The seed's
/// statement: 100 GB over 500 KB a token are 200,000 tokens. Batch B divides it by B.
[[nodiscard]] constexpr double kv_equals_weights(double weight_bytes, double kv_bytes_per_token) {
  return weight_bytes / kv_bytes_per_token;
}

/// Tokens at which reading the cache takes as long as the arithmetic of a token: `L k / W = 2 N / F`, whatever the
/// batch. `active` parameters, `flops` a second, `bandwidth` in bytes a second.
[[nodiscard]] constexpr double kv_time_equals_compute(double active, double flops, double bandwidth,
                                                      double kv_bytes_per_token) {
  return 2 * active * bandwidth / (flops * kv_bytes_per_token);
}

/// The lecture's way of writing that, `N / (ridge k)`, with the ridge batch of one-byte weights, F / (2 W).
[[nodiscard]] constexpr double lecture_crossover(double active, double ridge, double kv_bytes_per_token) {
  return active / (ridge * kv_bytes_per_token);
}

/// The same turned round: bytes a token at which that crossover lies at `tokens`.
[[nodiscard]] constexpr double kv_bytes_of_crossover(double active, double ridge, double tokens) {
  return active / (ridge * tokens);
}

/// Tokens beyond which `cache_bytes` hold fewer sequences than the batch at which arithmetic takes over.
[[nodiscard]] constexpr double capacity_below_batch(double cache_bytes, double batch, double kv_bytes_per_token) {
  return cache_bytes / (batch * kv_bytes_per_token);
}

/// Tokens at which a token costs twice what it costs at `from`, where a cycle takes `fixed + slope x tokens`.
[[nodiscard]] constexpr double doubled(double fixed, double slope, double from) { return fixed / slope + 2 * from; }

}  // namespace memwall::tools::price
