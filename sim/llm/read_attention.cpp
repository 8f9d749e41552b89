#include "sim/llm/read_attention.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace memwall {
namespace {

using namespace bounds;

/// The spelling for sliding layers where the file has one (MiMo-V2), else that for all layers.
std::string_view of_kind(const ConfigDocument& config, AttentionKind kind, std::string_view sliding,
                         std::string_view all) {
  return kind == AttentionKind::sliding && config.has(sliding) ? sliding : all;
}

void read_biases(ConfigDocument& config, const Family& family, GroupedAttention& out) {
  const bool by_default = family.has(trait::bias_by_default);
  const bool everywhere = config.boolean(spelled(config, {"attention_bias", "use_bias"}), by_default);
  const bool asked = everywhere || config.boolean("qkv_bias", false);
  out.qkv_bias = family.bias == BiasRule::qkv_always || (family.bias != BiasRule::never && asked);
  out.output_bias = (family.bias == BiasRule::all_by_key && everywhere) || config.boolean("attention_out_bias", false);
  if (family.bias == BiasRule::never && asked) {
    config.fault("attention_bias", "biases of attention are not known for this family; false would be right");
  }
}

void read_norm(ConfigDocument& config, const Family& family, GroupedAttention& out) {
  if (family.qk_norm == NormRule::per_head) out.qk_norm = QkNorm::per_head;
  if (family.qk_norm == NormRule::per_layer) out.qk_norm = QkNorm::per_layer;
  if (family.qk_norm == NormRule::by_key && config.boolean("use_qk_norm", false)) {
    // Command R scales every element of the projected queries and keys.
    const std::string kind = config.text("qk_norm_type", family.has(trait::one_norm) ? "per_layer" : "per_head");
    if (kind != "per_head" && kind != "per_layer") {
      config.fault("qk_norm_type", "'" + kind + "' is not known; 'per_head' and 'per_layer' are");
    }
    out.qk_norm = kind == "per_layer" ? QkNorm::per_layer : QkNorm::per_head;
  }
}

Reach read_reach(ConfigDocument& config, const Family& family, AttentionKind kind) {
  if (kind == AttentionKind::sliding) {
    if (const auto window = sliding_window(config, family)) return {ReachKind::window, *window};
    if (!config.has("sliding_window") && !config.has("sliding_window_size")) {
      config.fault("sliding_window", "is missing; layers of kind 'sliding_attention' need it");
    }
  }
  if (kind == AttentionKind::chunked && config.has("attention_chunk_size")) {
    const std::int64_t chunk = config.integer("attention_chunk_size", std::nullopt, 1, longest_position);
    if (chunk < config.integer("max_position_embeddings", longest_position, 1, longest_position)) {
      return {ReachKind::chunk, chunk};
    }
  }
  return {};
}

LatentAttention read_latent(ConfigDocument& config) {
  LatentAttention out;
  out.heads = config.integer("num_attention_heads", std::nullopt, 1, most_heads);
  out.q_rank = config.integer("q_lora_rank", 0, 0, widest_rank);
  out.kv_rank = config.integer("kv_lora_rank", std::nullopt, 1, widest_rank);
  out.nope_dim = config.integer("qk_nope_head_dim", std::nullopt, 1, widest_head);
  out.rope_dim = config.integer("qk_rope_head_dim", std::nullopt, 0, widest_head);
  out.value_dim = config.integer("v_head_dim", std::nullopt, 1, widest_head);
  out.output_gate = config.boolean("mla_use_output_gate", false);
  if (config.boolean("attention_bias", false)) {
    config.fault("attention_bias", "biases of latent attention are not supported yet");
  }
  return out;
}

/// Gated DeltaNet, Kimi delta attention or lightning attention, as the family has it.
RecurrentMixer read_linear(ConfigDocument& config, const Family& family) {
  RecurrentMixer out;
  if (family.style == LayerStyle::latent) {
    out.kind = RecurrentKind::kimi_delta;
    out.key_heads = out.value_heads = config.integer("linear_attn_config/num_heads", std::nullopt, 1, most_heads);
    out.key_dim = out.value_dim = config.integer("linear_attn_config/head_dim", std::nullopt, 1, widest_head);
    out.kernel = config.integer("linear_attn_config/short_conv_kernel_size", 4, 1, 64);
    out.full_rank_gate = config.boolean("linear_attn_config/use_full_rank_gate", false);
    return out;
  }
  if (!family.has(trait::output_gate)) {
    out.kind = RecurrentKind::lightning;
    out.key_heads = out.value_heads = config.integer("num_attention_heads", std::nullopt, 1, most_heads);
    out.key_dim = out.value_dim = config.integer("head_dim", std::nullopt, 1, widest_head);
    return out;
  }
  out.kind = RecurrentKind::gated_delta;
  out.key_heads = config.integer("linear_num_key_heads", std::nullopt, 1, most_heads);
  out.value_heads = config.integer("linear_num_value_heads", std::nullopt, 1, most_heads);
  out.key_dim = config.integer("linear_key_head_dim", std::nullopt, 1, widest_head);
  out.value_dim = config.integer("linear_value_head_dim", std::nullopt, 1, widest_head);
  out.kernel = config.integer("linear_conv_kernel_dim", 4, 1, 64);
  if (out.value_heads % out.key_heads != 0) {
    config.fault("linear_num_key_heads",
                 "must divide linear_num_value_heads, which is " + std::to_string(out.value_heads));
  }
  return out;
}

}  // namespace

std::string_view spelled(const ConfigDocument& config, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (config.has(name)) return name;
  }
  return *names.begin();
}

GroupedAttention read_grouped(ConfigDocument& config, const Family& family, std::int64_t hidden, AttentionKind kind) {
  GroupedAttention out;
  const std::string_view heads = of_kind(config, kind, "swa_num_attention_heads", "num_attention_heads");
  std::string_view kv_heads = of_kind(config, kind, "swa_num_key_value_heads", "num_key_value_heads");
  std::string_view head_dim = of_kind(config, kind, "swa_head_dim", "head_dim");
  // Gemma writes the common layers' dimensions first and those of the full ones apart, MiMo the other way round.
  if (kind == AttentionKind::full) {
    kv_heads = spelled(config, {"num_global_key_value_heads", kv_heads});
    if (!config.has(kv_heads)) kv_heads = "num_key_value_heads";
    head_dim = spelled(config, {"global_head_dim", head_dim, "attention_head_dim"});
    out.value_is_key = config.boolean("attention_k_eq_v", false);
  }
  out.heads = config.integer(heads, std::nullopt, 1, most_heads);
  out.kv_heads = config.integer(kv_heads, out.heads, 1, most_heads);
  if (out.heads % out.kv_heads != 0) {
    config.fault(kv_heads, "must divide num_attention_heads, which is " + std::to_string(out.heads));
  }
  if (!config.has(head_dim) && hidden % out.heads != 0) {
    config.fault("num_attention_heads", "must divide hidden_size where head_dim is absent");
  }
  out.head_dim = config.integer(head_dim, std::max<std::int64_t>(1, hidden / out.heads), 1, widest_head);
  const std::string_view value_dim = of_kind(config, kind, "swa_v_head_dim", "v_head_dim");
  const std::int64_t values = config.integer(value_dim, out.head_dim, 1, widest_head);
  out.value_dim = values == out.head_dim ? 0 : values;

  read_biases(config, family, out);
  read_norm(config, family, out);
  out.reach = read_reach(config, family, kind);
  out.output_gate =
      config.boolean(spelled(config, {"attn_output_gate", "attention_output_gate"}), family.has(trait::output_gate));
  out.sinks =
      family.has(trait::sinks) ||
      config.boolean(kind == AttentionKind::sliding ? "add_swa_attention_sink_bias" : "add_full_attention_sink_bias",
                     false);
  if (family.has(trait::inner_norms)) out.output_norm = out.heads * out.values();
  return out;
}

RecurrentMixer read_mamba(ConfigDocument& config) {
  RecurrentMixer out;
  out.kind = RecurrentKind::mamba2;
  out.value_heads = config.integer("mamba_num_heads", std::nullopt, 1, most_heads);
  out.value_dim = config.integer("mamba_head_dim", std::nullopt, 1, widest_head);
  out.key_heads = config.integer("n_groups", std::nullopt, 1, most_heads);
  out.key_dim = config.integer("ssm_state_size", std::nullopt, 1, widest_head);
  out.kernel = config.integer("conv_kernel", 4, 1, 64);
  out.conv_bias = config.boolean("use_conv_bias", true);
  out.projection_bias = config.boolean("mamba_proj_bias", config.boolean("use_bias", false));
  const std::string state = config.text("mamba_ssm_cache_dtype", "float32");
  if (state == "bfloat16" || state == "float16") {
    out.state_bytes = 2;
  } else if (state != "float32") {
    config.fault("mamba_ssm_cache_dtype", "'" + state + "' is not known; 'float32', 'bfloat16' and 'float16' are");
  }
  if (out.value_heads % out.key_heads != 0) {
    config.fault("n_groups", "must divide mamba_num_heads, which is " + std::to_string(out.value_heads));
  }
  return out;
}

Indexer read_indexer(ConfigDocument& config, bool owned) {
  Indexer out;
  out.heads = config.integer("index_n_heads", std::nullopt, 1, most_heads);
  out.dim = config.integer("index_head_dim", std::nullopt, 1, widest_head);
  out.tokens = config.integer("index_topk", std::nullopt, 1, longest_position);
  out.owned = owned;
  out.latent_query = true;
  // vLLM keeps index keys in 8 bits with a 4-byte scale for each 128 values, whatever the format of the cache.
  out.key_bytes = static_cast<double>(out.dim + (out.dim + 127) / 128 * 4);
  return out;
}

CompressedAttention read_compressed(ConfigDocument& config, std::int64_t ratio) {
  CompressedAttention out;
  out.heads = config.integer("num_attention_heads", std::nullopt, 1, most_heads);
  out.q_rank = config.integer("q_lora_rank", std::nullopt, 1, widest_rank);
  out.head_dim = config.integer("head_dim", std::nullopt, 1, widest_head);
  out.rope_dim = config.integer("qk_rope_head_dim", 0, 0, widest_head);
  out.output_groups = config.integer("o_groups", std::nullopt, 1, most_heads);
  out.output_rank = config.integer("o_lora_rank", std::nullopt, 1, widest_rank);
  out.window = config.integer("sliding_window", std::nullopt, 1, longest_position);
  out.ratio = ratio;
  if (out.heads % out.output_groups != 0) {
    config.fault("o_groups", "must divide num_attention_heads, which is " + std::to_string(out.heads));
  }
  // Entries of few tokens are many, so an indexer chooses among them; those of 128 tokens are all attended to.
  constexpr std::int64_t indexed_ratio = 4;
  if (ratio == indexed_ratio) {
    out.indexer = read_indexer(config, true);
    out.indexer->key_bytes = 0;
  }
  return out;
}

AttentionShape read_attention(ConfigDocument& config, const Family& family, std::int64_t hidden, AttentionKind kind) {
  if (kind == AttentionKind::linear) return read_linear(config, family);
  if (family.style == LayerStyle::latent) return read_latent(config);
  return read_grouped(config, family, hidden, kind);
}

}  // namespace memwall
