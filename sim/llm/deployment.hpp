// How a model is laid out on the ranks of a tensor-parallel group: what each rank holds and caches.
#pragma once

#include <vector>

#include "sim/base/quantity.hpp"
#include "sim/hw/precision.hpp"
#include "sim/llm/model.hpp"
#include "sim/llm/parameters.hpp"

namespace memwall {

struct Deployment {
  int tensor = 1;  ///< ranks that share every layer
  int expert = 1;  ///< ranks that share the experts by whole experts; only 1 is supported yet
  Precision weights =
      Precision::bf16;  ///< of the layers' matrices; embedding, head, router and norms: see wide_format()
  Precision kv = Precision::bf16;
  Precision compute = Precision::bf16;  ///< in which products run; the device says it (DeviceModel::compute_format)
};

/// Format of embedding, head, router and norms. Engines keep them out of quantisation (the lists of excluded modules in
/// published FP8 and 4-bit checkpoints name just these), so they have 16 bits wherever the layers have fewer.
[[nodiscard]] constexpr Precision wide_format(Precision weights) {
  return bytes_per_weight(weights) < 2 ? Precision::bf16 : weights;
}

/// The model as one rank sees it: heads, widths and vocabulary divided, everything else whole. Follows vLLM: heads are
/// split; KV heads are split until there are more ranks than KV heads, then every rank holds one copy; the latent of
/// latent attention, its down projections and the router are whole on every rank; every expert is split by its width;
/// vocabulary is padded to a multiple of 64 that the ranks divide. Throws InputError with the valid degrees when the
/// model cannot be divided so, or when `expert` is not 1.
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
  Bytes norms;
  Bytes kv_per_token;  ///< of cache, all layers

  [[nodiscard]] Bytes weights() const { return embedding + head + attention + ffn + router + norms; }
};

/// Throws as `shard` does.
[[nodiscard]] Footprint footprint(const ModelShape& model, const Deployment& deployment);

}  // namespace memwall
