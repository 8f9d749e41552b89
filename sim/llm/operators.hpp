// The operators of one cycle on one rank: what sim/hw prices and sim/serve folds into a price program.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "sim/hw/operators.hpp"
#include "sim/llm/batch_shape.hpp"
#include "sim/llm/deployment.hpp"
#include "sim/llm/model.hpp"

namespace memwall {

/// What the amount of work of an operator follows.
enum class Driver : std::uint8_t {
  tokens,     ///< rows = every token that the cycle computes, prefill and decode
  sampled,    ///< rows = sequences that get a token from this cycle
  attention,  ///< (query, key) pairs and cached tokens in reach
  states,     ///< sequences of the batch, and rows = its tokens
};

using Work = std::variant<Gemm, Experts, Attention, Elementwise, AllReduce, Recurrence, ExpertExchange>;

struct Placed {
  double count = 0;  ///< executions in a cycle, one after another
  Work work;
  Driver driver = Driver::tokens;
  Reach reach = {};  ///< of an attention
};

/// Bytes of one token's activations between two layers.
[[nodiscard]] Bytes activation_bytes_per_token(const ModelShape& model);

/// The operators of a cycle on one of the ranks, or those of one part of every layer, which are all alike. Equal layers
/// stand once with their number as count; the order is that of execution within a layer. Left out, being small: the
/// gather of the input embedding, the last norm, and the gather of vocabulary-parallel logits. Throws InputError as
/// `shard` does, and where layers have more distinct reaches than a batch keeps sums of.
[[nodiscard]] std::vector<Placed> cycle_operators(const ModelShape& model, const Deployment& deployment,
                                                  LayerPart part = LayerPart::all);

/// How many layers have a feed-forward part: so often a cycle's rows go to it and come back where it lives elsewhere.
[[nodiscard]] std::int64_t feed_forward_layers(const ModelShape& model);

/// The distinct limited reaches of a program, in order of appearance: those that a batch's sums must tell apart.
[[nodiscard]] std::vector<Reach> limited_reaches(const std::vector<Placed>& program);

}  // namespace memwall
