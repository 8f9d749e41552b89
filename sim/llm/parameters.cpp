#include "sim/llm/parameters.hpp"

#include <variant>

namespace memwall {
namespace {

/// Both kinds of count use one sum: only which routed experts count differs.
enum class ExpertsCounted : std::uint8_t { all, visited };

constexpr std::int64_t matrices(bool gated) { return gated ? 3 : 2; }

/// Adds up one layer; every formula is that of docs/models.md.
class LayerCount {
 public:
  LayerCount(std::int64_t hidden, ExpertsCounted which) : h_(hidden), which_(which) {}

  void operator()(const GroupedAttention& a) {
    const std::int64_t query = a.heads * a.head_dim;
    const std::int64_t key = a.kv_heads * a.head_dim;
    const std::int64_t value = a.value_is_key ? 0 : a.kv_heads * a.values();
    out.attention += h_ * ((a.output_gate ? 2 : 1) * query + key + value) + a.heads * a.values() * h_;
    if (a.qkv_bias) out.attention += query + key + value;
    if (a.output_bias) out.attention += h_;
    if (a.qk_norm == QkNorm::per_head) out.norms += 2 * a.head_dim;
    if (a.qk_norm == QkNorm::per_layer) out.norms += query + key;
    if (a.sinks) out.norms += a.heads;
    out.norms += a.output_norm;
    if (a.indexer) add_indexer(*a.indexer, 0);
  }

  void operator()(const LatentAttention& a) {
    const std::int64_t query = a.heads * (a.nope_dim + a.rope_dim);
    out.attention += a.q_rank > 0 ? h_ * a.q_rank + a.q_rank * query : h_ * query;
    out.attention += h_ * (a.kv_rank + a.rope_dim);
    out.attention += a.kv_rank * a.heads * (a.nope_dim + a.value_dim);
    out.attention += (a.output_gate ? 2 : 1) * a.heads * a.value_dim * h_;
    out.norms += a.q_rank + a.kv_rank;
    if (a.indexer) add_indexer(*a.indexer, a.q_rank);
  }

  void operator()(const CompressedAttention& a) {
    out.attention += h_ * (a.q_rank + a.head_dim) + a.q_rank * a.heads * a.head_dim;
    out.attention += a.heads * a.head_dim * a.output_rank + a.output_groups * a.output_rank * h_;
    out.norms += a.q_rank + a.head_dim + a.heads;
    if (a.ratio > 0) add_compressor(a.overlap(), a.ratio, a.head_dim);
    if (a.indexer) {
      out.attention += a.q_rank * a.indexer->heads * a.indexer->dim + h_ * a.indexer->heads;
      add_compressor(a.overlap(), a.ratio, a.indexer->dim);
    }
  }

  void operator()(const RecurrentMixer& m) {
    const std::int64_t keys = m.keys();
    const std::int64_t values = m.values();
    const std::int64_t heads = m.value_heads;
    out.norms += m.kernel * m.channels() + (m.conv_bias ? m.channels() : 0);
    switch (m.kind) {
      case RecurrentKind::gated_delta:
        out.attention += h_ * (2 * keys + 2 * values + 2 * heads) + values * h_;
        out.norms += 2 * heads + m.value_dim;
        break;
      case RecurrentKind::kimi_delta:
        out.attention += h_ * (2 * keys + values + m.key_dim + heads) + m.key_dim * keys + values * h_;
        out.attention += m.full_rank_gate ? h_ * values : h_ * m.value_dim + m.value_dim * values;
        out.norms += heads + keys + m.value_dim;
        break;
      case RecurrentKind::lightning:
        out.attention += h_ * (2 * keys + 2 * values) + values * h_;
        out.norms += values;
        break;
      case RecurrentKind::mamba2:
        out.attention += h_ * (2 * values + 2 * keys + heads) + values * h_;
        if (m.projection_bias) out.attention += 2 * values + 2 * keys + heads + h_;
        out.norms += 3 * heads + values;
        break;
    }
  }

  void operator()(const NoMixer&) {}
  void operator()(const NoFfn&) {}

  void operator()(const DenseFfn& f) {
    out.ffn += matrices(f.gated) * h_ * f.width;
    if (f.bias) out.ffn += (matrices(f.gated) - 1) * f.width + h_;
    if (f.inner_norm) out.norms += f.width;
  }

  void operator()(const MoeFfn& f) {
    const std::int64_t experts = which_ != ExpertsCounted::all ? f.top_k : f.held > 0 ? f.held : f.experts;
    const std::int64_t outer = f.latent > 0 ? f.latent : h_;
    std::int64_t expert = matrices(f.gated) * outer * f.expert_width;
    if (f.expert_bias) expert += (matrices(f.gated) - 1) * f.expert_width + outer;
    out.experts += experts * expert;
    out.ffn += experts * expert + matrices(f.gated) * h_ * f.shared_width;
    if (f.latent > 0) out.ffn += 2 * h_ * f.latent;
    out.router += h_ * f.experts + (f.router_bias ? f.experts : 0) + (f.shared_gate ? h_ : 0);
    if (f.latent_norm) out.norms += f.latent;
    if (f.router_scales) out.norms += h_ + f.experts;
  }

  ParameterCount out;

 private:
  /// Queries for its heads, one key with a norm of scale and shift; DSA weighs its heads too.
  void add_indexer(const Indexer& indexer, std::int64_t q_rank) {
    if (!indexer.owned) return;
    const std::int64_t from = indexer.latent_query ? q_rank : h_;
    out.attention += from * indexer.heads * indexer.dim + h_ * indexer.dim;
    if (indexer.latent_query) out.attention += h_ * indexer.heads;
    out.norms += 2 * indexer.dim;
  }

  /// Two projections, of content and of its weight in an entry, a bias for each place in an entry, and a norm. A
  /// reading of the configuration, since the code that trains it is not at hand; under one per cent of the model.
  void add_compressor(std::int64_t overlap, std::int64_t ratio, std::int64_t dim) {
    out.attention += 2 * overlap * h_ * dim;
    out.norms += ratio * overlap * dim + dim;
  }

  std::int64_t h_;
  ExpertsCounted which_;
};

/// One layer, its norms of the residual stream included.
ParameterCount count_layer(const LayerGroup& layer, const ModelShape& model, ExpertsCounted which) {
  LayerCount count(model.hidden, which);
  std::visit(count, layer.attention);
  std::visit(count, layer.ffn);
  ParameterCount out = count.out;
  out.norms += layer.norms * (model.norm_bias ? 2 : 1) * model.hidden + layer.scalars;
  if (layer.streams > 1) {
    // Manifold-constrained hyper-connections (arXiv 2512.24880): before and behind each half of a layer, m streams of h
    // yield m weights to read, m to write and m x m to mix, with a bias for each and three scales.
    const std::int64_t weights = (2 + layer.streams) * layer.streams;
    out.streams += 2 * weights * layer.streams * model.hidden;
    out.norms += 2 * (weights + 3);
  }
  return out;
}

ParameterCount count_model(const ModelShape& model, ExpertsCounted which) {
  ParameterCount out;
  out.embedding = model.vocab * model.hidden;
  out.head = model.tied_embeddings ? 0 : model.vocab * model.hidden;
  out.norms = model.hidden * (model.norm_bias ? 2 : 1) + (model.head_bias ? model.vocab : 0);
  for (const LayerGroup& group : model.layers) {
    const ParameterCount layer = count_layer(group, model, which);
    out.attention += group.count * layer.attention;
    out.ffn += group.count * layer.ffn;
    out.experts += group.count * layer.experts;
    out.router += group.count * layer.router;
    out.streams += group.count * layer.streams;
    out.norms += group.count * layer.norms;
  }
  // DeepSeek-V3 (arXiv 2412.19437, section 2.2): each module joins two hidden states by a 2h x h projection, with a
  // norm for each and one before the shared head, around one ordinary layer. Embedding and head are the main model's.
  if (model.mtp_layers > 0) {
    const LayerGroup& shape = model.mtp_layer ? *model.mtp_layer : model.layers.back();
    const std::int64_t layer = count_layer(shape, model, which).total();
    out.mtp = model.mtp_layers * (layer + 2 * model.hidden * model.hidden + 3 * model.hidden);
  }
  return out;
}

/// Weights that a token is multiplied with; the head is counted apart because only sampled rows meet it.
double multiplied_without_head(const ModelShape& model) {
  const ParameterCount active = count_active_parameters(model);
  return static_cast<double>(active.attention + active.ffn + active.router + active.streams);
}

double head_flops(const ModelShape& model) { return 2.0 * static_cast<double>(model.vocab * model.hidden); }

Flops state_flops(const ModelShape& model) {
  Flops sum;
  for (const LayerGroup& group : model.layers) {
    if (const auto* mixer = std::get_if<RecurrentMixer>(&group.attention)) {
      sum += recurrence_flops(*mixer) * static_cast<double>(group.count);
    }
  }
  return sum;
}

}  // namespace

ParameterCount count_parameters(const ModelShape& model) { return count_model(model, ExpertsCounted::all); }

ParameterCount count_active_parameters(const ModelShape& model) { return count_model(model, ExpertsCounted::visited); }

Flops decode_flops(const ModelShape& model, std::int64_t context, const CacheTreatment& treatment) {
  Flops sum = Flops{2.0 * multiplied_without_head(model) + head_flops(model)} + state_flops(model);
  for (const LayerGroup& group : model.layers) {
    for (const KeyWalk& walk : key_walks(group.attention, treatment)) {
      sum += walk.per_decode_pair * static_cast<double>(group.count * reached(walk.reach, context));
    }
  }
  return sum;
}

Flops prefill_flops(const ModelShape& model, std::int64_t tokens, std::int64_t prior, const CacheTreatment& treatment) {
  const double new_tokens = static_cast<double>(tokens);
  Flops sum{2.0 * multiplied_without_head(model) * new_tokens + head_flops(model)};
  sum += state_flops(model) * new_tokens;
  for (const LayerGroup& group : model.layers) {
    for (const KeyWalk& walk : key_walks(group.attention, treatment)) {
      const auto pairs = static_cast<double>(reached_pairs(walk.reach, prior, tokens));
      sum += walk.per_prefill_pair * (static_cast<double>(group.count) * pairs);
    }
  }
  return sum;
}

}  // namespace memwall
