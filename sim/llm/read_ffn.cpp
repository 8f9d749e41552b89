#include "sim/llm/read_ffn.hpp"

#include <optional>
#include <string>

#include "sim/llm/read_attention.hpp"

namespace memwall {
namespace {

using namespace bounds;

/// DeepSeek-V3 corrects the load of its experts by a bias instead of a loss (topk_method "noaux_tc"); some families do
/// so always, MiniMax by a key of its own.
bool routes_with_bias(ConfigDocument& config, const Family& family) {
  return family.has(trait::router_bias) || config.text("topk_method", "") == "noaux_tc" ||
         config.boolean("use_routing_bias", false);
}

std::int64_t read_shared_width(ConfigDocument& config, const Family& family, std::int64_t expert_width) {
  if (family.has(trait::shared_expert)) return expert_width;
  if (family.has(trait::dense_beside)) return config.integer("intermediate_size", std::nullopt, 1, widest_ffn);
  const std::string_view own_width = "moe_shared_expert_intermediate_size";
  if (const std::string_view key = spelled(config, {"n_shared_experts", "num_shared_experts"}); config.has(key)) {
    const std::int64_t width = config.integer(own_width, expert_width, 0, widest_ffn);
    return config.integer(key, 0, 0, most_experts) * width;
  }
  return config.integer(
      spelled(config, {"shared_intermediate_size", "shared_expert_intermediate_size", "share_expert_dim", own_width}),
      0, 0, widest_ffn);
}

}  // namespace

std::string_view expert_count_key(const ConfigDocument& config) {
  return spelled(config, {"n_routed_experts", "num_experts", "num_local_experts"});
}

MoeFfn read_experts(ConfigDocument& config, const Family& family) {
  MoeFfn out;
  out.experts = config.integer(expert_count_key(config), std::nullopt, 1, most_experts);
  const std::string_view top_k =
      spelled(config, {"num_experts_per_tok", "num_experts_per_token", "experts_per_token", "top_k_experts"});
  out.top_k = config.integer(top_k, std::nullopt, 1, most_experts);
  if (out.top_k > out.experts) {
    config.fault(top_k, "must not exceed the number of experts, which is " + std::to_string(out.experts));
  }
  out.expert_width =
      config.integer(spelled(config, {"moe_intermediate_size", "expert_intermediate_size", "intermediate_size"}),
                     std::nullopt, 1, widest_ffn);
  out.shared_width = read_shared_width(config, family, out.expert_width);
  out.gated = !family.has(trait::plain_ffn);
  out.router_bias = routes_with_bias(config, family);
  out.expert_bias = family.has(trait::expert_bias);
  out.shared_gate = family.has(trait::shared_gate) && out.shared_width > 0;
  out.latent = config.integer(spelled(config, {"moe_latent_size", "routed_expert_hidden_size"}), 0, 0, widest_ffn);
  out.latent_norm = out.latent > 0 && config.boolean("latent_moe_use_norm", false);
  out.router_scales = family.has(trait::dense_beside);
  return out;
}

DenseFfn read_dense(ConfigDocument& config, const Family& family) {
  DenseFfn out;
  out.width = config.integer(spelled(config, {"intermediate_size_mlp", "dense_intermediate_size", "intermediate_size"}),
                             std::nullopt, 1, widest_ffn);
  out.gated = !family.has(trait::plain_ffn);
  const bool like_attention =
      family.has(trait::ffn_bias) &&
      config.boolean(spelled(config, {"attention_bias", "use_bias"}), family.has(trait::bias_by_default));
  out.bias = config.boolean("mlp_bias", like_attention);
  out.inner_norm = family.has(trait::inner_norms);
  return out;
}

}  // namespace memwall
