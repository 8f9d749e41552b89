// How a model is laid out on the ranks of a tensor-parallel group: what each rank holds and caches.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/base/quantity.hpp"
#include "sim/hw/operators.hpp"
#include "sim/hw/precision.hpp"
#include "sim/llm/model.hpp"
#include "sim/llm/parameters.hpp"

namespace memwall {

/// Weights that are zero and left out. Applies to the matrices of the layers; what a model loses by it is not our
/// matter.
struct WeightSparsity {
  double kept = 1;             ///< share of the weights that is stored
  double bits_per_kept = 0;    ///< that say where a kept weight stands: 2 for a pattern of 2 in 4
  double bits_per_weight = 0;  ///< the same for each weight, kept or not: 1 for a mask
  double products = 1;         ///< share of the products that the device does; 1 = it fills the zeros in and multiplies
};

/// Which part of every layer a group of devices holds and runs. Embedding, head, norms and residual streams are with
/// attention; the router is with the experts.
enum class LayerPart : std::uint8_t { all, attention, feed_forward };

struct Deployment {
  int tensor = 1;  ///< ranks that share every layer
  /// Copies of attention and dense layers that share the experts, each over `tensor` ranks with a batch of its own.
  int data = 1;
  int expert = 1;           ///< ranks that share the experts by whole experts: 1, or tensor x data
  int redundant = 0;        ///< experts held twice, so that the ranks share loads and experts evenly
  double expert_skew = 0;   ///< of the experts' popularity, a power law (sim/llm/expert_load.hpp)
  double most_domains = 0;  ///< scale-up domains that the experts of a token may lie in; 0: any
  ExchangeMode exchange = ExchangeMode::low_latency;  ///< kernels that bring tokens to their experts

  /// Of the layers' matrices; embedding, head, router and norms: see wide_format().
  Precision weights = Precision::bf16;
  std::optional<Precision> attention_weights;  ///< of attention, absent: `weights`
  std::optional<Precision> dense_weights;      ///< of dense layers and shared experts, absent: `weights`
  Precision kv = Precision::bf16;
  Precision activations = Precision::bf16;  ///< of the rows that products and small kernels read and write
  /// In which products with `weights` run; the device says it (DeviceModel::compute_format).
  Precision compute = Precision::bf16;
  std::optional<Precision> attention_compute;  ///< absent: `compute`
  std::optional<Precision> dense_compute;

  WeightSparsity sparsity;
  CacheTreatment treatment;  ///< of the cache; its format is `kv`
  Flops compress;            ///< to put one token of one layer into a compressed cache

  [[nodiscard]] Precision attention_format() const { return attention_weights.value_or(weights); }
  [[nodiscard]] Precision dense_format() const { return dense_weights.value_or(weights); }
  [[nodiscard]] CacheTreatment cache() const {
    CacheTreatment out = treatment;
    out.format = kv;
    return out;
  }
  /// Bytes of one weight of a layer's matrix, with what says where kept weights stand.
  [[nodiscard]] double stored_bytes(Precision format) const {
    return sparsity.kept * (bytes_per_weight(format) + sparsity.bits_per_kept / 8) + sparsity.bits_per_weight / 8;
  }
};

/// Format of embedding, head, router and norms. Engines keep them out of quantisation (the lists of excluded modules in
/// published FP8 and 4-bit checkpoints name just these), so they have 16 bits wherever the layers have fewer.
[[nodiscard]] constexpr Precision wide_format(Precision weights) {
  return bytes_per_weight(weights) < 2 ? Precision::bf16 : weights;
}

/// The model as one rank sees it: heads, widths and vocabulary divided, everything else whole. Follows vLLM: heads are
/// split; KV heads are split until there are more ranks than KV heads, then every rank holds one copy; the latents of
/// latent and compressed attention, their down projections, indexers and the router are whole on every rank; recurrent
/// layers are split by heads; every expert is split by its width, or, where `expert` is above 1, experts are dealt out
/// whole; vocabulary is padded to a multiple of 64 that the ranks divide. Throws InputError with the valid degrees when
/// the model cannot be divided so.
[[nodiscard]] ModelShape shard(const ModelShape& model, const Deployment& deployment);

/// Degrees from 1 to `largest` that `shard` accepts.
[[nodiscard]] std::vector<int> tensor_degrees(const ModelShape& model, int largest);

/// Bytes of one rank.
struct Footprint {
  Bytes embedding;
  Bytes head;
  Bytes attention;
  Bytes ffn;
  Bytes router;
  Bytes streams;  ///< what mixes residual streams
  Bytes norms;
  Bytes kv_per_token;         ///< of cache, all layers, while no window has been left
  Bytes kv_per_token_kept;    ///< the same without what windows forget
  Bytes window_per_sequence;  ///< most that a sequence holds in layers that forget, up to `longest` tokens
  Bytes state_per_sequence;   ///< constant state

  [[nodiscard]] Bytes weights() const { return embedding + head + attention + ffn + router + streams + norms; }
  [[nodiscard]] Bytes weights(LayerPart part) const {
    const Bytes feed_forward = ffn + router;
    if (part == LayerPart::feed_forward) return feed_forward;
    return part == LayerPart::all ? weights() : weights() - feed_forward;
  }
};

/// Throws as `shard` does. `longest` is the length of the longest sequence.
[[nodiscard]] Footprint footprint(const ModelShape& model, const Deployment& deployment,
                                  std::int64_t longest = std::int64_t{1} << 40);

}  // namespace memwall
