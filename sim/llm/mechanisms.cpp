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
                        "') is not supported yet; known are full attention with grouped or latent heads, and dense or "
                        "mixture-of-experts feed-forward layers");
}

/// A key whose mere presence tells the mechanism.
struct Marker {
  std::string_view key;
  std::string_view mechanism;
};

constexpr std::array<Marker, 20> markers = {{
    {"block_configs", "per-layer blocks found by architecture search"},
    {"hybrid_override_pattern", "Mamba-2 layers in a hybrid pattern"},
    {"layers_block_type", "Mamba-2 layers in a hybrid pattern"},
    {"mamba_num_heads", "Mamba-2 layers"},
    {"ssm_state_size", "state-space layers"},
    {"linear_num_value_heads", "linear attention (gated DeltaNet)"},
    {"linear_attn_config", "linear attention (Kimi delta attention)"},
    {"full_attention_interval", "linear attention between full attention layers"},
    {"sparse_attention_config", "MiniMax sparse attention (MSA)"},
    {"compress_ratios", "compressed sparse attention"},
    {"hc_mult", "hyper-connections"},
    {"o_lora_rank", "low-rank attention output"},
    {"index_topk", "DeepSeek sparse attention (DSA)"},
    {"attention_chunk_size", "chunked attention"},
    {"hybrid_layer_pattern", "sliding-window layers in a hybrid pattern"},
    {"global_head_dim", "attention layers of two head sizes"},
    {"num_global_key_value_heads", "attention layers of two head counts"},
    {"moe_latent_size", "experts in a latent width"},
    {"routed_expert_hidden_size", "experts in a latent width"},
    {"interleave_moe_layer_step", "interleaved dense and expert layers of two widths"},
}};

struct Switch {
  std::string_view key;
  std::string_view mechanism;
};

constexpr std::array<Switch, 6> switches = {{
    {"attention_k_eq_v", "attention without value projection"},
    {"attn_output_gate", "gated attention output"},
    {"attention_output_gate", "gated attention output"},
    {"mla_use_output_gate", "gated attention output"},
    {"lm_head_bias", "a bias of the output projection"},
    {"is_encoder_decoder", "an encoder with cross attention"},
}};

void refuse_layer_lists(ConfigDocument& config, std::string_view family) {
  const std::vector<std::string> kinds = config.texts("layer_types");
  std::vector<std::string> refused;
  for (const std::string& kind : kinds) {
    if (kind == "full_attention" || std::find(refused.begin(), refused.end(), kind) != refused.end()) continue;
    refused.push_back(kind);
    refuse(config, "layer_types", "layers of kind '" + kind + "'", family);
  }
  const std::vector<std::int64_t> softmax = config.integers("attn_type_list");
  if (std::find(softmax.begin(), softmax.end(), 0) != softmax.end()) {
    refuse(config, "attn_type_list", "linear attention (lightning attention)", family);
  }
}

/// A window no shorter than the longest position never cuts anything. The Qwen family writes a window that its own
/// switch, off unless the file says otherwise, keeps out of use; elsewhere a window that is written is a window.
void refuse_sliding_window(ConfigDocument& config, std::string_view family) {
  if (!config.has("sliding_window")) return;
  const std::int64_t window = config.integer("sliding_window", any, 1, any);
  const std::int64_t longest = config.integer("max_position_embeddings", 1, 1, any);
  const bool in_use = config.boolean("use_sliding_window", !family.starts_with("qwen"));
  if (in_use && window < longest) {
    refuse(config, "sliding_window", "sliding-window attention over " + std::to_string(window) + " tokens", family);
  }
}

}  // namespace

void refuse_unknown_mechanisms(ConfigDocument& config, std::string_view family) {
  for (const Marker& marker : markers) {
    if (config.has(marker.key)) refuse(config, marker.key, marker.mechanism, family);
  }
  for (const Switch& entry : switches) {
    if (config.boolean(entry.key, false)) refuse(config, entry.key, entry.mechanism, family);
  }
  if (config.integer("num_kv_shared_layers", 0, 0, any) > 0) {
    refuse(config, "num_kv_shared_layers", "layers that share one cache", family);
  }
  if (config.integer("hidden_size_per_layer_input", 0, 0, any) > 0) {
    refuse(config, "hidden_size_per_layer_input", "embeddings of each layer", family);
  }
  refuse_layer_lists(config, family);
  refuse_sliding_window(config, family);
}

}  // namespace memwall
