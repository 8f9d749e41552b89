#include "sim/llm/layer_pattern.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>

namespace memwall {
namespace {

using Kinds = std::vector<AttentionKind>;

bool covers(ConfigDocument& config, const char* key, std::size_t entries, std::int64_t layers) {
  if (entries == static_cast<std::size_t>(layers)) return true;
  config.fault(key, "has " + std::to_string(entries) + " entries; num_hidden_layers is " + std::to_string(layers));
  return false;
}

/// A list in which one number names one kind and every other number the other.
bool from_numbers(ConfigDocument& config, const char* key, std::int64_t named, AttentionKind kind, AttentionKind other,
                  Kinds& kinds) {
  const std::vector<std::int64_t> listed = config.integers(key);
  if (listed.empty()) return false;
  if (!covers(config, key, listed.size(), static_cast<std::int64_t>(kinds.size()))) return true;
  for (std::size_t i = 0; i < listed.size(); ++i) kinds[i] = listed[i] == named ? kind : other;
  return true;
}

bool from_types(ConfigDocument& config, Kinds& kinds) {
  const std::vector<std::string> types = config.texts("layer_types");
  if (types.empty()) return false;
  if (!covers(config, "layer_types", types.size(), static_cast<std::int64_t>(kinds.size()))) return true;
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (types[i] == "sliding_attention") kinds[i] = AttentionKind::sliding;
    if (types[i] == "chunked_attention") kinds[i] = AttentionKind::chunked;
    if (types[i] == "linear_attention") kinds[i] = AttentionKind::linear;
  }
  return true;
}

/// Layers of Kimi's file are counted from 1.
bool from_kimi(ConfigDocument& config, Kinds& kinds) {
  const std::vector<std::int64_t> full = config.integers("linear_attn_config/full_attn_layers");
  const std::vector<std::int64_t> linear = config.integers("linear_attn_config/kda_layers");
  if (full.empty() && linear.empty()) return false;
  const auto layers = static_cast<std::int64_t>(kinds.size());
  std::fill(kinds.begin(), kinds.end(), full.empty() ? AttentionKind::full : AttentionKind::linear);
  const auto set = [&](const std::vector<std::int64_t>& listed, const char* key, AttentionKind kind) {
    for (const std::int64_t layer : listed) {
      if (layer < 1 || layer > layers) {
        config.fault(key, "names layer " + std::to_string(layer) + "; layers are 1 to " + std::to_string(layers));
        continue;
      }
      kinds[static_cast<std::size_t>(layer - 1)] = kind;
    }
  };
  set(linear, "linear_attn_config/kda_layers", AttentionKind::linear);
  set(full, "linear_attn_config/full_attn_layers", AttentionKind::full);
  return true;
}

/// Every `period`-th layer attends to everything, the others are of the kind `between`.
void by_period(std::int64_t period, AttentionKind between, Kinds& kinds) {
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    kinds[i] = (static_cast<std::int64_t>(i) + 1) % period == 0 ? AttentionKind::full : between;
  }
}

void from_windows(ConfigDocument& config, const Family& family, Kinds& kinds) {
  const auto layers = static_cast<std::int64_t>(kinds.size());
  for (const char* key : {"sliding_window_pattern", "_sliding_window_pattern"}) {
    if (config.has(key)) return by_period(config.integer(key, 1, 1, layers + 1), AttentionKind::sliding, kinds);
  }
  if (family.window_period > 0) return by_period(family.window_period, AttentionKind::sliding, kinds);
  // Qwen's lowest layers keep full attention.
  const std::int64_t full_below =
      family.name.starts_with("qwen") ? config.integer("max_window_layers", 0, 0, layers) : 0;
  std::fill(kinds.begin() + full_below, kinds.end(), AttentionKind::sliding);
}

}  // namespace

std::vector<bool> expert_layers(ConfigDocument& config, std::int64_t layers) {
  std::vector<bool> experts(static_cast<std::size_t>(layers), true);

  const std::int64_t leading_dense = config.integer("first_k_dense_replace", 0, 0, layers);
  const std::int64_t sparse_step = config.integer("decoder_sparse_step", 1, 1, layers);
  const std::int64_t interleave = config.integer("interleave_moe_layer_step", 1, 1, layers);
  std::int64_t every = 1;
  std::vector<std::int64_t> listed;
  if (config.is_list("moe_layer_freq")) {
    listed = config.integers("moe_layer_freq");
    if (!covers(config, "moe_layer_freq", listed.size(), layers)) return experts;
  } else {
    every = config.integer("moe_layer_freq", 1, 1, layers);
  }
  const std::vector<std::string> kinds = config.texts("mlp_layer_types");
  if (!kinds.empty() && !covers(config, "mlp_layer_types", kinds.size(), layers)) return experts;

  for (std::int64_t layer = 0; layer < layers; ++layer) {
    const auto at = static_cast<std::size_t>(layer);
    // DeepSeek counts its period from layer 0, Qwen and Llama from layer 1, as their own model code does.
    bool holds = layer >= leading_dense && layer % every == 0 && (layer + 1) % sparse_step == 0;
    holds = holds && (layer + 1) % interleave == 0;
    if (!listed.empty()) holds = holds && listed[at] != 0;
    if (!kinds.empty()) holds = holds && kinds[at] == "sparse";
    experts[at] = holds;
  }
  for (const std::int64_t layer : config.integers("mlp_only_layers")) {
    if (layer < 0 || layer >= layers) {
      config.fault("mlp_only_layers",
                   "names layer " + std::to_string(layer) + "; layers are 0 to " + std::to_string(layers - 1));
      continue;
    }
    experts[static_cast<std::size_t>(layer)] = false;
  }
  return experts;
}

std::optional<std::int64_t> sliding_window(ConfigDocument& config, const Family& family) {
  constexpr std::int64_t any = std::numeric_limits<std::int64_t>::max();
  const char* key = config.has("sliding_window") ? "sliding_window" : "sliding_window_size";
  if (!config.has(key) || !config.boolean("use_sliding_window", !family.name.starts_with("qwen"))) return std::nullopt;
  const std::int64_t window = config.integer(key, any, 1, any);
  if (window >= config.integer("max_position_embeddings", any, 1, any)) return std::nullopt;
  return window;
}

std::vector<AttentionKind> attention_kinds(ConfigDocument& config, const Family& family, std::int64_t layers) {
  Kinds kinds(static_cast<std::size_t>(layers), AttentionKind::full);
  if (from_types(config, kinds)) return kinds;
  if (family.has(trait::linear_layers)) {
    if (from_numbers(config, "attn_type_list", 1, AttentionKind::full, AttentionKind::linear, kinds)) return kinds;
    if (from_kimi(config, kinds)) return kinds;
    if (family.has(trait::output_gate)) {
      by_period(config.integer("full_attention_interval", 4, 1, layers), AttentionKind::linear, kinds);
    }
    return kinds;
  }
  if (family.has(trait::chunks)) {
    // Layers without rotary positions attend to everything.
    if (from_numbers(config, "no_rope_layers", 0, AttentionKind::full, AttentionKind::chunked, kinds)) return kinds;
    by_period(config.integer("no_rope_layer_interval", 4, 1, layers + 1), AttentionKind::chunked, kinds);
    return kinds;
  }
  if (from_numbers(config, "hybrid_layer_pattern", 1, AttentionKind::sliding, AttentionKind::full, kinds)) return kinds;
  if (sliding_window(config, family)) from_windows(config, family, kinds);
  return kinds;
}

}  // namespace memwall
