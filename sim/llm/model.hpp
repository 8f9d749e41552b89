// What a transformer is made of, as far as memory and time depend on it. All dimensions are counts of elements.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sim/hw/precision.hpp"
#include "sim/llm/reach.hpp"

namespace memwall {

/// Normalisation of queries and keys before their product. It adds parameters and no work that matters.
enum class QkNorm : std::uint8_t {
  none,
  per_head,   ///< one scale of head_dim for queries and one for keys, shared by the heads
  per_layer,  ///< a scale for every element of the projected queries and keys
};

/// What chooses the keys of sparse attention: a narrow attention of its own over all keys of the layer. DeepSeek sparse
/// attention (DSA, DeepSeek-V3.2 report) scores tokens, MiniMax sparse attention (MSA) blocks of them.
struct Indexer {
  std::int64_t heads = 0;
  std::int64_t dim = 0;
  std::int64_t tokens = 0;    ///< keys that a query attends to in the end
  bool owned = true;          ///< false: the layer takes the choice of an earlier one (GLM-5.2)
  bool latent_query = false;  ///< queries come from the query latent and are weighed by head (DSA); else from hidden
  double key_bytes = 0;       ///< of one cached key; 0 = `dim` values in the format of the cache

  friend bool operator==(const Indexer&, const Indexer&) = default;
};

/// Multi-head attention (kv_heads = heads) and grouped-query attention (fewer).
struct GroupedAttention {
  std::int64_t heads = 0;
  std::int64_t kv_heads = 0;
  std::int64_t head_dim = 0;
  bool qkv_bias = false;
  bool output_bias = false;
  QkNorm qk_norm = QkNorm::none;
  Reach reach = {};
  std::int64_t value_dim = 0;           ///< of a head; 0 = head_dim
  bool output_gate = false;             ///< the query projection makes a gate of the same size (Qwen3-Next)
  bool value_is_key = false;            ///< no value projection: keys before their norm serve (Gemma 4)
  bool sinks = false;                   ///< a learned logit for each head (gpt-oss)
  std::int64_t output_norm = 0;         ///< elements of a norm before the output projection (BitNet)
  std::optional<Indexer> indexer = {};  ///< MSA

  [[nodiscard]] std::int64_t values() const { return value_dim > 0 ? value_dim : head_dim; }
  friend bool operator==(const GroupedAttention&, const GroupedAttention&) = default;
};

/// Multi-head latent attention (DeepSeek-V2, arXiv 2405.04434): the cache holds one latent of kv_rank and one rotary
/// key of rope_dim for each token, shared by all heads.
struct LatentAttention {
  std::int64_t heads = 0;
  std::int64_t q_rank = 0;  ///< 0 = queries are projected without a latent
  std::int64_t kv_rank = 0;
  std::int64_t nope_dim = 0;            ///< part of a head's query and key without position
  std::int64_t rope_dim = 0;            ///< part with rotary position
  std::int64_t value_dim = 0;           ///< of a head
  bool output_gate = false;             ///< h x n d_v (Kimi-K3)
  std::optional<Indexer> indexer = {};  ///< DSA

  friend bool operator==(const LatentAttention&, const LatentAttention&) = default;
};

/// Attention of DeepSeek-V4: one latent key a token, which is also its value, kept for a short window, and beside it
/// one compressed entry for every `ratio` tokens, of which an indexer may choose. Its output goes through a low rank in
/// groups of heads.
struct CompressedAttention {
  std::int64_t heads = 0;
  std::int64_t q_rank = 0;
  std::int64_t head_dim = 0;
  std::int64_t rope_dim = 0;
  std::int64_t output_groups = 1;
  std::int64_t output_rank = 0;
  std::int64_t window = 0;
  std::int64_t ratio = 0;               ///< tokens in a compressed entry; 0 = none are kept
  std::optional<Indexer> indexer = {};  ///< chooses entries; its `tokens` counts entries

  /// Tokens whose keys go into one entry, as multiples of the ratio: at ratio 4 neighbouring entries overlap.
  [[nodiscard]] std::int64_t overlap() const { return indexer ? 2 : 1; }
  friend bool operator==(const CompressedAttention&, const CompressedAttention&) = default;
};

enum class RecurrentKind : std::uint8_t {
  gated_delta,  ///< gated DeltaNet (Qwen3-Next, arXiv 2412.06464)
  kimi_delta,   ///< Kimi delta attention (arXiv 2510.26692): a decay for every channel
  lightning,    ///< lightning attention (MiniMax-01, arXiv 2501.08313)
  mamba2,       ///< Mamba-2 (arXiv 2405.21060)
};

/// A layer whose past is one matrix of key_dim x value_dim for each value head, whatever the length.
struct RecurrentMixer {
  RecurrentKind kind = RecurrentKind::gated_delta;
  std::int64_t key_heads = 0;    ///< Mamba-2: groups that share input and output matrices
  std::int64_t value_heads = 0;  ///< Mamba-2: heads
  std::int64_t key_dim = 0;      ///< Mamba-2: state size
  std::int64_t value_dim = 0;    ///< Mamba-2: head size
  std::int64_t kernel = 0;       ///< length of the short convolution; 0 = none
  bool conv_bias = false;
  bool projection_bias = false;
  bool full_rank_gate = true;    ///< Kimi: h x n d, else through a rank of d
  std::int64_t state_bytes = 4;  ///< of one element of the state

  [[nodiscard]] std::int64_t keys() const { return key_heads * key_dim; }
  [[nodiscard]] std::int64_t values() const { return value_heads * value_dim; }
  /// Channels that the convolution runs over: queries, keys and values alike.
  [[nodiscard]] std::int64_t channels() const { return kernel > 0 ? 2 * keys() + values() : 0; }
  friend bool operator==(const RecurrentMixer&, const RecurrentMixer&) = default;
};

/// A layer without attention: a block of its own kind in a hybrid pattern, or one that a search has left out.
struct NoMixer {
  friend bool operator==(const NoMixer&, const NoMixer&) = default;
};

using AttentionShape = std::variant<GroupedAttention, LatentAttention, CompressedAttention, RecurrentMixer, NoMixer>;

struct DenseFfn {
  std::int64_t width = 0;
  bool gated = true;  ///< gate, up and down; else up and down only
  bool bias = false;
  bool inner_norm = false;  ///< a norm of `width` before the last product (BitNet)

  friend bool operator==(const DenseFfn&, const DenseFfn&) = default;
};

struct MoeFfn {
  std::int64_t experts = 0;
  std::int64_t top_k = 0;         ///< experts that a token visits
  std::int64_t expert_width = 0;  ///< inner width of one routed expert
  std::int64_t shared_width = 0;  ///< inner width of all shared experts together; 0 = none
  bool gated = true;
  bool router_bias = false;    ///< one correction for each expert
  bool expert_bias = false;    ///< every product of an expert has one (gpt-oss)
  bool shared_gate = false;    ///< the shared expert has a gate of its own, h (Qwen)
  std::int64_t latent = 0;     ///< width that routed experts work in, between two projections; 0 = hidden
  bool latent_norm = false;    ///< Kimi-K3
  bool router_scales = false;  ///< a scale of hidden before the router and one for each expert (Gemma 4)
  std::int64_t held = 0;       ///< of the experts, those on one rank, copies among them; 0 = all

  friend bool operator==(const MoeFfn&, const MoeFfn&) = default;
};

struct NoFfn {
  friend bool operator==(const NoFfn&, const NoFfn&) = default;
};

using FfnShape = std::variant<DenseFfn, MoeFfn, NoFfn>;

/// A run of equal layers.
struct LayerGroup {
  std::int64_t count = 0;
  AttentionShape attention;
  FfnShape ffn;
  int norms = 2;             ///< of the residual stream, h each
  std::int64_t scalars = 0;  ///< lone learned scales
  std::int64_t streams = 1;  ///< residual streams: above 1 they are mixed around each half (hyper-connections)

  /// Equal in everything but the number.
  [[nodiscard]] bool same_as(const LayerGroup& other) const {
    return attention == other.attention && ffn == other.ffn && norms == other.norms && scalars == other.scalars &&
           streams == other.streams;
  }
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

  bool norm_bias = false;  ///< the norms have a shift beside their scale
  bool head_bias = false;

  /// Layers for multi-token prediction. They are not part of the model proper: their
  /// parameters are counted apart and they do no work unless an engine speculates with them.
  std::int64_t mtp_layers = 0;
  std::optional<LayerGroup> mtp_layer;  ///< absent: shaped as the last layer

  Precision declared_weights = Precision::bf16;  ///< format of the published weights of the experts, or of all layers
  std::optional<Precision> declared_attention;   ///< of attention, where it is another one
  std::optional<Precision> declared_dense;       ///< of dense layers and shared experts, where it is another one
  std::vector<std::string> notes;                ///< what the figures leave out

  [[nodiscard]] std::int64_t layer_count() const {
    std::int64_t sum = 0;
    for (const LayerGroup& group : layers) sum += group.count;
    return sum;
  }
};

}  // namespace memwall
