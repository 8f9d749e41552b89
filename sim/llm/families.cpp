#include "sim/llm/families.hpp"

#include <algorithm>
#include <array>

namespace memwall {
namespace {

using namespace trait;
constexpr auto grouped = LayerStyle::grouped;
constexpr auto latent = LayerStyle::latent;

/// From the public model code of each family (huggingface/transformers `models/`, and the code that ships with the
/// weights where it is not there), except for totals: those are checked against published counts.
constexpr Family families[] = {
    {"llama", grouped, BiasRule::all_by_key},
    {"mistral", grouped},
    {"mixtral", grouped, BiasRule::never, NormRule::none, experts},
    {"phi3", grouped},
    {"phimoe", grouped, BiasRule::all_by_key, NormRule::none, experts | norm_bias},
    {"granite", grouped, BiasRule::all_by_key},
    {"smollm3", grouped, BiasRule::all_by_key},
    {"olmo2", grouped, BiasRule::all_by_key, NormRule::per_layer},
    {"olmo3", grouped, BiasRule::all_by_key, NormRule::per_layer},
    {"olmoe", grouped, BiasRule::all_by_key, NormRule::per_layer, experts},
    {"seed_oss", grouped, BiasRule::qkv_by_key},
    {"arcee", grouped, BiasRule::all_by_key, NormRule::none, plain_ffn},
    {"nemotron", grouped, BiasRule::all_by_key, NormRule::none, plain_ffn | norm_bias},
    {"granitemoe", grouped, BiasRule::all_by_key, NormRule::none, experts},
    {"ernie4_5", grouped, BiasRule::all_by_key, NormRule::none, tied | ffn_bias},
    {"exaone4", grouped, BiasRule::never, NormRule::per_head},
    {"starcoder2", grouped, BiasRule::all_by_key, NormRule::none,
     plain_ffn | norm_bias | tied | bias_by_default | ffn_bias},
    {"gpt_neox", grouped, BiasRule::all_by_key, NormRule::none, plain_ffn | norm_bias | bias_by_default | ffn_bias},
    {"cohere", grouped, BiasRule::all_by_key, NormRule::by_key, one_norm | tied},
    {"cohere2", grouped, BiasRule::all_by_key, NormRule::none, one_norm | tied, 4},
    {"dots1", grouped, BiasRule::all_by_key, NormRule::per_head, experts},
    {"bitnet", grouped, BiasRule::all_by_key, NormRule::none, inner_norms | tied},
    {"mimo", grouped, BiasRule::qkv_by_key},
    {"mimo_v2_flash", grouped, BiasRule::never, NormRule::none, experts},
    {"qwen2", grouped, BiasRule::qkv_always},
    {"qwen2_vl", grouped, BiasRule::qkv_always},
    {"qwen2_vl_text", grouped, BiasRule::qkv_always},
    {"qwen2_5_vl", grouped, BiasRule::qkv_always},
    {"qwen2_5_vl_text", grouped, BiasRule::qkv_always},
    {"qwen2_moe", grouped, BiasRule::qkv_always, NormRule::none, experts | shared_gate},
    {"qwen3", grouped, BiasRule::all_by_key, NormRule::per_head},
    {"qwen3_vl_text", grouped, BiasRule::all_by_key, NormRule::per_head},
    {"qwen3_moe", grouped, BiasRule::all_by_key, NormRule::per_head, experts},
    {"qwen3_vl_moe_text", grouped, BiasRule::all_by_key, NormRule::per_head, experts},
    {"qwen3_next", grouped, BiasRule::all_by_key, NormRule::per_head,
     experts | output_gate | shared_gate | linear_layers},
    {"qwen3_5", grouped, BiasRule::all_by_key, NormRule::per_head, output_gate | linear_layers},
    {"qwen3_5_text", grouped, BiasRule::all_by_key, NormRule::per_head, output_gate | linear_layers},
    {"qwen3_5_moe", grouped, BiasRule::all_by_key, NormRule::per_head,
     experts | output_gate | shared_gate | linear_layers},
    {"qwen3_5_moe_text", grouped, BiasRule::all_by_key, NormRule::per_head,
     experts | output_gate | shared_gate | linear_layers},
    {"glm4", grouped, BiasRule::qkv_by_key, NormRule::none, four_norms},
    {"glm4_moe", grouped, BiasRule::qkv_by_key, NormRule::by_key, experts | router_bias},
    {"glm4_moe_lite", latent, BiasRule::never, NormRule::none, experts | router_bias},
    {"glm_moe_dsa", latent, BiasRule::never, NormRule::none, experts | router_bias},
    {"gpt_oss", grouped, BiasRule::all_by_key, NormRule::none,
     experts | sinks | expert_bias | router_bias | bias_by_default, 2},
    {"gemma", grouped, BiasRule::all_by_key, NormRule::none, tied},
    {"gemma2", grouped, BiasRule::all_by_key, NormRule::none, tied | four_norms, 2},
    {"gemma3_text", grouped, BiasRule::all_by_key, NormRule::per_head, tied | four_norms, 6},
    {"gemma4_text", grouped, BiasRule::all_by_key, NormRule::per_head,
     experts | tied | four_norms | dense_beside | layer_scalar, 6},
    {"llama4_text", grouped, BiasRule::all_by_key, NormRule::none, experts | chunks | shared_expert},
    {"minimax_m1", grouped, BiasRule::never, NormRule::none, experts | linear_layers},
    {"minimax_text_01", grouped, BiasRule::never, NormRule::none, experts | linear_layers},
    {"minimax", grouped, BiasRule::never, NormRule::none, experts | linear_layers},
    {"minimax_m2", grouped, BiasRule::never, NormRule::by_key, experts},
    {"minimax_m3", grouped, BiasRule::never, NormRule::by_key, experts},
    {"deepseek_v2", latent, BiasRule::never, NormRule::none, experts},
    {"deepseek_v3", latent, BiasRule::never, NormRule::none, experts},
    {"deepseek_v32", latent, BiasRule::never, NormRule::none, experts},
    {"deepseek_v4", LayerStyle::compressed, BiasRule::never, NormRule::none, experts},
    {"kimi_k2", latent, BiasRule::never, NormRule::none, experts},
    {"kimi_linear", latent, BiasRule::never, NormRule::none, experts | router_bias | linear_layers},
    {"nemotron_h", LayerStyle::blocks, BiasRule::all_by_key, NormRule::none,
     experts | router_bias | plain_ffn | linear_layers},
    {"nemotron-nas", LayerStyle::searched, BiasRule::all_by_key},
    {"deci", LayerStyle::searched, BiasRule::all_by_key},
};

}  // namespace

const Family* find_family(std::string_view model_type) {
  const auto* found = std::find_if(std::begin(families), std::end(families),
                                   [&](const Family& family) { return family.name == model_type; });
  return found == std::end(families) ? nullptr : found;
}

std::string family_list() {
  std::string out;
  for (const Family& family : families) out += (out.empty() ? "" : ", ") + std::string(family.name);
  return out;
}

}  // namespace memwall
