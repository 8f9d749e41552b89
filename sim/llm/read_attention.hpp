// The attention of a layer, from the keys of a configuration file.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "sim/llm/config_document.hpp"
#include "sim/llm/families.hpp"
#include "sim/llm/layer_pattern.hpp"
#include "sim/llm/model.hpp"

namespace memwall {

namespace bounds {
inline constexpr std::int64_t most_layers = 1 << 12;
inline constexpr std::int64_t most_experts = 1 << 16;
inline constexpr std::int64_t most_heads = 1 << 12;
inline constexpr std::int64_t widest_head = 1 << 14;
inline constexpr std::int64_t widest_rank = 1 << 16;
inline constexpr std::int64_t widest_hidden = 1 << 18;
inline constexpr std::int64_t widest_ffn = 1 << 22;
inline constexpr std::int64_t largest_vocab = 1 << 24;
inline constexpr std::int64_t longest_position = std::int64_t{1} << 40;
}  // namespace bounds

/// The first of several names under which families write the same thing.
[[nodiscard]] std::string_view spelled(const ConfigDocument& config, std::initializer_list<std::string_view> names);

/// Attention of the layers of one kind, in a file that writes its dimensions once for all of them.
[[nodiscard]] AttentionShape read_attention(ConfigDocument& config, const Family& family, std::int64_t hidden,
                                            AttentionKind kind);

/// Grouped attention with the head counts that the file writes for full or for sliding layers.
[[nodiscard]] GroupedAttention read_grouped(ConfigDocument& config, const Family& family, std::int64_t hidden,
                                            AttentionKind kind);

/// A Mamba-2 block of Nemotron-H.
[[nodiscard]] RecurrentMixer read_mamba(ConfigDocument& config);

/// The indexer of DeepSeek sparse attention; `owned` as the layer has one of its own.
[[nodiscard]] Indexer read_indexer(ConfigDocument& config, bool owned);

/// DeepSeek-V4, whose layers differ in how many tokens they compress into an entry.
[[nodiscard]] CompressedAttention read_compressed(ConfigDocument& config, std::int64_t ratio);

}  // namespace memwall
