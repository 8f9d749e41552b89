// Which layers of a model are of which kind, from the many ways in which files say it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/llm/config_document.hpp"
#include "sim/llm/families.hpp"

namespace memwall {

/// For every layer, whether it has experts. Keys: first_k_dense_replace, moe_layer_freq (a period or a list),
/// interleave_moe_layer_step, decoder_sparse_step, mlp_layer_types, mlp_only_layers.
[[nodiscard]] std::vector<bool> expert_layers(ConfigDocument& config, std::int64_t layers);

enum class AttentionKind : std::uint8_t { full, sliding, chunked, linear };

/// For every layer, how far its attention reaches or that it has none. Keys: layer_types, full_attention_interval,
/// hybrid_layer_pattern, attn_type_list, linear_attn_config, no_rope_layers, sliding_window_pattern, max_window_layers.
[[nodiscard]] std::vector<AttentionKind> attention_kinds(ConfigDocument& config, const Family& family,
                                                         std::int64_t layers);

/// Tokens of the sliding window; nothing where the file has none, has it switched off, or has one no shorter than the
/// model's reach. The Qwen family writes a window that its own switch, off unless the file says otherwise, keeps out of
/// use; elsewhere a window that is written is a window.
[[nodiscard]] std::optional<std::int64_t> sliding_window(ConfigDocument& config, const Family& family);

}  // namespace memwall
