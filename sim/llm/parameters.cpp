#include "sim/llm/parameters.hpp"

#include <variant>

namespace memwall {
namespace {

/// Both kinds of count use one sum: only which routed experts count differs.
enum class ExpertsCounted : std::uint8_t { all, visited };

struct AttentionCount {
  std::int64_t projections = 0;
  std::int64_t norms = 0;
};

AttentionCount count(const GroupedAttention& a, std::int64_t hidden) {
  const std::int64_t query = a.heads * a.head_dim;
  const std::int64_t key = a.kv_heads * a.head_dim;
  AttentionCount out;
  out.projections = hidden * (query + 2 * key) + query * hidden;
  if (a.qkv_bias) out.projections += query + 2 * key;
  if (a.output_bias) out.projections += hidden;
  if (a.qk_norm == QkNorm::per_head) out.norms = 2 * a.head_dim;
  if (a.qk_norm == QkNorm::per_layer) out.norms = query + key;
  return out;
}

AttentionCount count(const LatentAttention& a, std::int64_t hidden) {
  const std::int64_t query = a.heads * (a.nope_dim + a.rope_dim);
  AttentionCount out;
  out.projections = a.q_rank > 0 ? hidden * a.q_rank + a.q_rank * query : hidden * query;
  out.projections += hidden * (a.kv_rank + a.rope_dim);
  out.projections += a.kv_rank * a.heads * (a.nope_dim + a.value_dim);
  out.projections += a.heads * a.value_dim * hidden;
  out.norms = a.q_rank + a.kv_rank;
  return out;
}

struct FfnCount {
  std::int64_t weights = 0;
  std::int64_t router = 0;
};

constexpr std::int64_t matrices(bool gated) { return gated ? 3 : 2; }

FfnCount count(const DenseFfn& f, std::int64_t hidden, ExpertsCounted) {
  FfnCount out;
  out.weights = matrices(f.gated) * hidden * f.width;
  if (f.bias) out.weights += (matrices(f.gated) - 1) * f.width + hidden;
  return out;
}

FfnCount count(const MoeFfn& f, std::int64_t hidden, ExpertsCounted which) {
  const std::int64_t experts = which == ExpertsCounted::all ? f.experts : f.top_k;
  FfnCount out;
  out.weights = matrices(f.gated) * hidden * (experts * f.expert_width + f.shared_width);
  out.router = hidden * f.experts + (f.router_bias ? f.experts : 0);
  return out;
}

/// One layer, its two norms of the residual stream included.
ParameterCount count_layer(const LayerGroup& layer, std::int64_t hidden, ExpertsCounted which) {
  const AttentionCount attention = std::visit([&](const auto& shape) { return count(shape, hidden); }, layer.attention);
  const FfnCount ffn = std::visit([&](const auto& shape) { return count(shape, hidden, which); }, layer.ffn);
  ParameterCount out;
  out.attention = attention.projections;
  out.ffn = ffn.weights;
  out.router = ffn.router;
  out.norms = attention.norms + 2 * hidden;
  return out;
}

ParameterCount count_model(const ModelShape& model, ExpertsCounted which) {
  ParameterCount out;
  out.embedding = model.vocab * model.hidden;
  out.head = model.tied_embeddings ? 0 : model.vocab * model.hidden;
  out.norms = model.hidden;
  for (const LayerGroup& group : model.layers) {
    const ParameterCount layer = count_layer(group, model.hidden, which);
    out.attention += group.count * layer.attention;
    out.ffn += group.count * layer.ffn;
    out.router += group.count * layer.router;
    out.norms += group.count * layer.norms;
  }
  // DeepSeek-V3 (arXiv 2412.19437, section 2.2): each module joins two hidden states by a 2h x h projection, with a
  // norm for each and one before the shared head, around one ordinary layer. Embedding and head are the main model's.
  if (model.mtp_layers > 0) {
    const std::int64_t layer = count_layer(model.layers.back(), model.hidden, which).total();
    out.mtp = model.mtp_layers * (layer + 2 * model.hidden * model.hidden + 3 * model.hidden);
  }
  return out;
}

std::int64_t cached_elements(const GroupedAttention& a) { return 2 * a.kv_heads * a.head_dim; }
std::int64_t cached_elements(const LatentAttention& a) { return a.kv_rank + a.rope_dim; }

/// Weights that a token is multiplied with; the head is counted apart because only sampled rows meet it.
double multiplied_without_head(const ModelShape& model) {
  const ParameterCount active = count_active_parameters(model);
  return static_cast<double>(active.attention + active.ffn + active.router);
}

double head_flops(const ModelShape& model) { return 2.0 * static_cast<double>(model.vocab * model.hidden); }

}  // namespace

ParameterCount count_parameters(const ModelShape& model) { return count_model(model, ExpertsCounted::all); }

ParameterCount count_active_parameters(const ModelShape& model) { return count_model(model, ExpertsCounted::visited); }

Bytes kv_bytes_per_token_and_layer(const AttentionShape& attention, Precision kv) {
  const std::int64_t elements = std::visit([](const auto& shape) { return cached_elements(shape); }, attention);
  return Bytes{static_cast<double>(elements) * bytes_per_weight(kv)};
}

Bytes kv_bytes_per_token(const ModelShape& model, Precision kv) {
  Bytes sum;
  for (const LayerGroup& group : model.layers) {
    sum += kv_bytes_per_token_and_layer(group.attention, kv) * static_cast<double>(group.count);
  }
  return sum;
}

Flops prefill_flops_per_pair(const AttentionShape& attention) {
  if (const auto* latent = std::get_if<LatentAttention>(&attention)) {
    return Flops{2.0 * static_cast<double>(latent->heads * (latent->nope_dim + latent->rope_dim + latent->value_dim))};
  }
  const auto& grouped = std::get<GroupedAttention>(attention);
  return Flops{4.0 * static_cast<double>(grouped.heads * grouped.head_dim)};
}

Flops decode_flops_per_pair(const AttentionShape& attention) {
  if (const auto* latent = std::get_if<LatentAttention>(&attention)) {
    return Flops{2.0 * static_cast<double>(latent->heads * (2 * latent->kv_rank + latent->rope_dim))};
  }
  return prefill_flops_per_pair(attention);
}

Flops decode_flops(const ModelShape& model, std::int64_t context) {
  Flops sum{2.0 * multiplied_without_head(model) + head_flops(model)};
  for (const LayerGroup& group : model.layers) {
    sum += decode_flops_per_pair(group.attention) * static_cast<double>(group.count) * static_cast<double>(context);
  }
  return sum;
}

Flops prefill_flops(const ModelShape& model, std::int64_t tokens, std::int64_t prior) {
  const double new_tokens = static_cast<double>(tokens);
  const double pairs = new_tokens * static_cast<double>(prior) + new_tokens * (new_tokens + 1) / 2;
  Flops sum{2.0 * multiplied_without_head(model) * new_tokens + head_flops(model)};
  for (const LayerGroup& group : model.layers) {
    sum += prefill_flops_per_pair(group.attention) * static_cast<double>(group.count) * pairs;
  }
  return sum;
}

}  // namespace memwall
