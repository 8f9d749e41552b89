// How large a model is, and how much it computes and caches for a token.
#pragma once

#include <cstdint>

#include "sim/base/quantity.hpp"
#include "sim/hw/precision.hpp"
#include "sim/llm/model.hpp"

namespace memwall {

/// Numbers of parameters by part, exact.
struct ParameterCount {
  std::int64_t embedding = 0;  ///< input embedding
  std::int64_t head = 0;       ///< output projection; 0 where it is tied to the embedding
  std::int64_t attention = 0;  ///< projections with their biases
  std::int64_t ffn = 0;        ///< dense layers, routed and shared experts
  std::int64_t router = 0;     ///< gates of mixture-of-experts layers with their biases
  std::int64_t norms = 0;
  std::int64_t mtp = 0;  ///< multi-token prediction, not part of total()

  [[nodiscard]] std::int64_t total() const { return embedding + head + attention + ffn + router + norms; }
};

[[nodiscard]] ParameterCount count_parameters(const ModelShape& model);

/// The same with the top-k routed experts in place of all, which is what one token visits. Publishers differ in whether
/// they count the input embedding (a gather, not a product): both are `total()` and `total() - embedding`.
[[nodiscard]] ParameterCount count_active_parameters(const ModelShape& model);

/// Cache bytes for one token in one layer: 2 g d b for grouped-query attention, (r + d_rope) b for latent attention,
/// where the latent serves as key and value. Scales of quantised caches are left out.
[[nodiscard]] Bytes kv_bytes_per_token_and_layer(const AttentionShape& attention, Precision kv);

/// The sum of that over the layers, multi-token prediction left out.
[[nodiscard]] Bytes kv_bytes_per_token(const ModelShape& model, Precision kv);

/// Floating-point operations for one (query, key) pair over all heads of a layer. Latent attention runs a prefill on
/// expanded keys and values, and a decode on the latent itself ("absorbed"), which costs more per pair and reads less.
[[nodiscard]] Flops prefill_flops_per_pair(const AttentionShape& attention);
[[nodiscard]] Flops decode_flops_per_pair(const AttentionShape& attention);

/// Operations to generate one token after `context` cached tokens, its own key included: 2 per active weight, plus
/// attention. `context` >= 1.
[[nodiscard]] Flops decode_flops(const ModelShape& model, std::int64_t context);

/// Operations to take in `tokens` prompt tokens after `prior` cached ones, with one row of logits at the end. Causal:
/// tokens * prior + tokens (tokens + 1) / 2 pairs in each layer.
[[nodiscard]] Flops prefill_flops(const ModelShape& model, std::int64_t tokens, std::int64_t prior);

}  // namespace memwall
