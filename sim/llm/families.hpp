// What a family's model code decides and its configuration file does not say.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace memwall {

/// Whether query, key and value projections have biases, and the output projection too. Some families decide it in
/// their code and some by the key attention_bias, which does not reach the output projection everywhere.
enum class BiasRule : std::uint8_t { never, qkv_always, qkv_by_key, all_by_key };
enum class NormRule : std::uint8_t { none, per_head, per_layer, by_key };

/// How the layers of a family are written in its file.
enum class LayerStyle : std::uint8_t {
  grouped,     ///< grouped attention, with windows and linear layers where the file names them
  latent,      ///< latent attention, the same
  compressed,  ///< DeepSeek-V4
  blocks,      ///< Nemotron-H: every block is one mixer or one feed-forward layer
  searched,    ///< every layer of its own, found by architecture search
};

/// Bits of `Family::traits`.
namespace trait {
inline constexpr unsigned experts = 1U << 0;      ///< may have routed experts
inline constexpr unsigned output_gate = 1U << 1;  ///< attention output is gated unless the file says otherwise
inline constexpr unsigned sinks = 1U << 2;        ///< every head has a sink
inline constexpr unsigned expert_bias = 1U << 3;
inline constexpr unsigned router_bias = 1U << 4;  ///< whatever the file says
inline constexpr unsigned shared_gate = 1U << 5;  ///< the shared expert has a gate
inline constexpr unsigned norm_bias = 1U << 6;
inline constexpr unsigned plain_ffn = 1U << 7;         ///< up and down only (squared ReLU)
inline constexpr unsigned four_norms = 1U << 8;        ///< before and behind each half of a layer
inline constexpr unsigned tied = 1U << 9;              ///< the head is the embedding unless the file says otherwise
inline constexpr unsigned inner_norms = 1U << 10;      ///< before the output and the down projection (BitNet)
inline constexpr unsigned bias_by_default = 1U << 11;  ///< attention_bias is on unless the file says otherwise
inline constexpr unsigned linear_layers = 1U << 12;    ///< may have recurrent layers
inline constexpr unsigned chunks = 1U << 13;           ///< three of four layers attend in chunks (Llama 4)
inline constexpr unsigned shared_expert = 1U << 14;    ///< one shared expert that no key names (Llama 4)
inline constexpr unsigned dense_beside = 1U << 15;     ///< a dense layer runs beside the experts (Gemma 4)
inline constexpr unsigned layer_scalar = 1U << 16;     ///< one learned scale a layer (Gemma 4)
inline constexpr unsigned one_norm = 1U << 17;         ///< attention and feed-forward run side by side behind one norm
inline constexpr unsigned ffn_bias = 1U << 18;         ///< products of dense layers are biased where attention's are
}  // namespace trait

struct Family {
  std::string_view name;
  LayerStyle style = LayerStyle::grouped;
  BiasRule bias = BiasRule::never;
  NormRule qk_norm = NormRule::none;
  unsigned traits = 0;
  int window_period =
      0;  ///< every so many layers one attends to everything, where the file lists no kinds; 0 = all alike

  [[nodiscard]] bool has(unsigned bit) const { return (traits & bit) != 0; }
};

/// Null for a model_type that is not known.
[[nodiscard]] const Family* find_family(std::string_view model_type);

/// Their names, for a refusal.
[[nodiscard]] std::string family_list();

}  // namespace memwall
