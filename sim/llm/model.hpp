// What a transformer is made of, as far as memory and time depend on it. All dimensions are counts of elements.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "sim/hw/precision.hpp"

namespace memwall {

/// Normalisation of queries and keys before their product. It adds parameters and no work that matters.
enum class QkNorm : std::uint8_t {
  none,
  per_head,   ///< one scale of head_dim for queries and one for keys, shared by the heads
  per_layer,  ///< a scale for every element of the projected queries and keys
};

/// Multi-head attention (kv_heads = heads) and grouped-query attention (fewer).
struct GroupedAttention {
  std::int64_t heads = 0;
  std::int64_t kv_heads = 0;
  std::int64_t head_dim = 0;
  bool qkv_bias = false;
  bool output_bias = false;
  QkNorm qk_norm = QkNorm::none;

  friend bool operator==(const GroupedAttention&, const GroupedAttention&) = default;
};

/// Multi-head latent attention (DeepSeek-V2, arXiv 2405.04434): the cache holds one latent of kv_rank and one rotary
/// key of rope_dim for each token, shared by all heads.
struct LatentAttention {
  std::int64_t heads = 0;
  std::int64_t q_rank = 0;  ///< 0 = queries are projected without a latent
  std::int64_t kv_rank = 0;
  std::int64_t nope_dim = 0;   ///< part of a head's query and key without position
  std::int64_t rope_dim = 0;   ///< part with rotary position
  std::int64_t value_dim = 0;  ///< of a head

  friend bool operator==(const LatentAttention&, const LatentAttention&) = default;
};

using AttentionShape = std::variant<GroupedAttention, LatentAttention>;

struct DenseFfn {
  std::int64_t width = 0;
  bool gated = true;  ///< gate, up and down; else up and down only
  bool bias = false;

  friend bool operator==(const DenseFfn&, const DenseFfn&) = default;
};

struct MoeFfn {
  std::int64_t experts = 0;
  std::int64_t top_k = 0;         ///< experts that a token visits
  std::int64_t expert_width = 0;  ///< inner width of one routed expert
  std::int64_t shared_width = 0;  ///< inner width of all shared experts together; 0 = none
  bool gated = true;
  bool router_bias = false;  ///< one correction for each expert

  friend bool operator==(const MoeFfn&, const MoeFfn&) = default;
};

using FfnShape = std::variant<DenseFfn, MoeFfn>;

/// A run of equal layers.
struct LayerGroup {
  std::int64_t count = 0;
  AttentionShape attention;
  FfnShape ffn;
};

/// A decoder-only language model.
struct ModelShape {
  std::string name;    ///< as the catalogue or the path calls it
  std::string family;  ///< the model_type of its configuration file
  std::string source;  ///< where its dimensions come from; empty where the file does not say

  std::int64_t hidden = 0;
  std::int64_t vocab = 0;
  bool tied_embeddings = false;  ///< the output projection is the input embedding
  std::int64_t max_position = 0;
  std::vector<LayerGroup> layers;

  /// Layers for multi-token prediction, shaped as the last layer. They are not part of the model proper: their
  /// parameters are counted apart and they do no work unless an engine speculates with them.
  std::int64_t mtp_layers = 0;

  Precision declared_weights = Precision::bf16;  ///< format of the published weights
  std::vector<std::string> notes;                ///< what the figures leave out

  [[nodiscard]] std::int64_t layer_count() const {
    std::int64_t sum = 0;
    for (const LayerGroup& group : layers) sum += group.count;
    return sum;
  }
};

}  // namespace memwall
