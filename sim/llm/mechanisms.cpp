#include "sim/llm/mechanisms.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace memwall {
namespace {

constexpr std::int64_t any = std::numeric_limits<std::int64_t>::max();

void refuse(ConfigDocument& config, std::string_view key, std::string_view mechanism, std::string_view family) {
  config.fault(key, std::string(mechanism) + " (model_type '" + std::string(family) +
                        "') is not known in this family; its bytes and operations would be wrong");
}

/// Whether `family` is one of the words of `list`, or begins with one that ends in a star.
bool listed(std::string_view family, std::string_view list) {
  while (!list.empty()) {
    const std::size_t space = list.find(' ');
    const std::string_view word = list.substr(0, space);
    if (word.ends_with('*') ? family.starts_with(word.substr(0, word.size() - 1)) : family == word) return true;
    list = space == std::string_view::npos ? std::string_view() : list.substr(space + 1);
  }
  return false;
}

/// A key whose mere presence tells the mechanism, and the families whose reading covers it.
struct Marker {
  std::string_view key;
  std::string_view mechanism;
  std::string_view families;
};

constexpr std::array<Marker, 31> markers = {{
    {"block_configs", "per-layer blocks found by architecture search", "nemotron-nas deci"},
    {"hybrid_override_pattern", "Mamba-2 layers in a hybrid pattern", "nemotron_h"},
    {"layers_block_type", "Mamba-2 layers in a hybrid pattern", "nemotron_h"},
    {"mamba_num_heads", "Mamba-2 layers", "nemotron_h"},
    {"ssm_state_size", "state-space layers", "nemotron_h"},
    {"mamba_d_state", "state-space layers", ""},
    {"mamba_d_ssm", "state-space layers beside attention", ""},
    {"linear_num_value_heads", "linear attention (gated DeltaNet)", "qwen3_next qwen3_5*"},
    {"linear_attn_config", "linear attention (Kimi delta attention)", "kimi_linear"},
    {"full_attention_interval", "linear attention between full attention layers", "qwen3_next qwen3_5*"},
    {"sparse_attention_config", "MiniMax sparse attention (MSA)", "minimax_m3"},
    {"dual_chunk_attention_config", "dual chunk attention", ""},
    {"layer_group_size", "linear attention between full attention layers", ""},
    {"compress_ratios", "compressed sparse attention", "deepseek_v4"},
    {"compression_ratios", "compressed sparse attention", ""},
    {"hc_mult", "hyper-connections", "deepseek_v4"},
    {"o_lora_rank", "low-rank attention output", "deepseek_v4"},
    {"index_topk", "DeepSeek sparse attention (DSA)", "deepseek_v32 deepseek_v4 glm_moe_dsa"},
    {"attention_chunk_size", "chunked attention", "llama4_text mimo_v2_flash"},
    {"hybrid_layer_pattern", "sliding-window layers in a hybrid pattern", "mimo_v2_flash"},
    {"global_head_dim", "attention layers of two head sizes", "gemma4_text"},
    {"num_global_key_value_heads", "attention layers of two head counts", "gemma4_text"},
    {"swa_head_dim", "attention layers of two head sizes", "mimo_v2_flash"},
    {"moe_latent_size", "experts in a latent width", "nemotron_h"},
    {"routed_expert_hidden_size", "experts in a latent width", "kimi_linear"},
    {"interleave_moe_layer_step", "interleaved dense and expert layers of two widths", "llama4_text"},
    {"kv_lora_rank", "latent attention", "deepseek_v2 deepseek_v3 deepseek_v32 kimi_k2 kimi_linear glm*"},
    {"cross_attention_layers", "cross attention", ""},
    {"num_experts_per_group", "experts chosen in groups of unequal size", ""},
    {"altup_num_inputs", "alternating updates", ""},
    {"laurel_rank", "low-rank residuals", ""},
}};

struct Switch {
  std::string_view key;
  std::string_view mechanism;
  std::string_view families;
};

constexpr std::array<Switch, 7> switches = {{
    {"attention_k_eq_v", "attention without value projection", "gemma4_text"},
    {"attn_output_gate", "gated attention output", "qwen3_next qwen3_5*"},
    {"attention_output_gate", "gated attention output", "minimax_m3"},
    {"mla_use_output_gate", "gated attention output", "kimi_linear"},
    {"lm_head_bias", "a bias of the output projection", "phimoe"},
    {"is_encoder_decoder", "an encoder with cross attention", ""},
    {"use_double_wide_mlp", "feed-forward layers of double width", ""},
}};

/// The kinds in layer_types that a family's reading covers. DeepSeek-V4 is read from its compression ratios.
bool knows_kind(std::string_view kind, std::string_view family) {
  if (kind == "full_attention" || kind == "sliding_attention") return true;
  if (kind == "linear_attention") return listed(family, "qwen3_next qwen3_5* minimax* kimi_linear");
  if (kind == "chunked_attention") return family == "llama4_text";
  return family == "deepseek_v4";
}

void refuse_layer_lists(ConfigDocument& config, std::string_view family) {
  std::vector<std::string> refused;
  for (const std::string& kind : config.texts("layer_types")) {
    if (knows_kind(kind, family) || std::find(refused.begin(), refused.end(), kind) != refused.end()) continue;
    refused.push_back(kind);
    refuse(config, "layer_types", "layers of kind '" + kind + "'", family);
  }
  const std::vector<std::int64_t> softmax = config.integers("attn_type_list");
  if (std::find(softmax.begin(), softmax.end(), 0) != softmax.end() &&
      !listed(family, "minimax_m1 minimax_text_01 minimax")) {
    refuse(config, "attn_type_list", "linear attention (lightning attention)", family);
  }
}

}  // namespace

void refuse_unknown_mechanisms(ConfigDocument& config, std::string_view family) {
  for (const Marker& marker : markers) {
    if (config.has(marker.key) && !listed(family, marker.families)) {
      refuse(config, marker.key, marker.mechanism, family);
    }
  }
  for (const Switch& entry : switches) {
    if (config.boolean(entry.key, false) && !listed(family, entry.families)) {
      refuse(config, entry.key, entry.mechanism, family);
    }
  }
  if (config.integer("num_kv_shared_layers", 0, 0, any) > 0) {
    refuse(config, "num_kv_shared_layers", "layers that share one cache", family);
  }
  if (config.integer("hidden_size_per_layer_input", 0, 0, any) > 0) {
    refuse(config, "hidden_size_per_layer_input", "embeddings of each layer", family);
  }
  refuse_layer_lists(config, family);
}

}  // namespace memwall
