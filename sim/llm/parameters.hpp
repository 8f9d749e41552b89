// How large a model is, and how much it computes and caches for a token.
#pragma once

#include <cstdint>

#include "sim/base/quantity.hpp"
#include "sim/llm/key_walks.hpp"
#include "sim/llm/model.hpp"

namespace memwall {

/// Numbers of parameters by part, exact.
struct ParameterCount {
  std::int64_t embedding = 0;  ///< input embedding
  std::int64_t head = 0;       ///< output projection; 0 where it is tied to the embedding
  std::int64_t attention = 0;  ///< projections with their biases
  std::int64_t ffn = 0;        ///< dense layers, routed and shared experts
  std::int64_t experts = 0;    ///< the routed experts among `ffn`
  std::int64_t router = 0;     ///< gates of mixture-of-experts layers with their biases
  std::int64_t streams = 0;    ///< what mixes several residual streams (hyper-connections)
  std::int64_t norms = 0;      ///< with every other vector: convolutions, decays, sinks, scales
  std::int64_t mtp = 0;        ///< multi-token prediction, not part of total()

  [[nodiscard]] std::int64_t total() const { return embedding + head + attention + ffn + router + streams + norms; }
};

[[nodiscard]] ParameterCount count_parameters(const ModelShape& model);

/// The same with the top-k routed experts in place of all, which is what one token visits. Publishers differ in whether
/// they count the input embedding (a gather, not a product): both are `total()` and `total() - embedding`.
[[nodiscard]] ParameterCount count_active_parameters(const ModelShape& model);

/// Operations to generate one token after `context` cached tokens, its own key included: 2 per active weight, plus
/// attention over the keys in reach and the recurrences. `context` >= 1.
[[nodiscard]] Flops decode_flops(const ModelShape& model, std::int64_t context, const CacheTreatment& treatment = {});

/// Operations to take in `tokens` prompt tokens after `prior` cached ones, with one row of logits at the end. Causal:
/// tokens * prior + tokens (tokens + 1) / 2 pairs in each layer, fewer where its reach is limited.
[[nodiscard]] Flops prefill_flops(const ModelShape& model, std::int64_t tokens, std::int64_t prior,
                                  const CacheTreatment& treatment = {});

}  // namespace memwall
