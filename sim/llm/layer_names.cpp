#include "sim/llm/layer_names.hpp"

#include <fmt/format.h>

namespace memwall {
namespace {

std::string chosen(const std::optional<Indexer>& indexer) {
  if (!indexer) return {};
  return fmt::format(", {} chosen keys{}", indexer->tokens, indexer->owned ? "" : " (choice of an earlier layer)");
}

std::string reach_name(Reach reach) {
  switch (reach.kind) {
    case ReachKind::window: return fmt::format(", window {}", reach.tokens);
    case ReachKind::chunk: return fmt::format(", chunks of {}", reach.tokens);
    case ReachKind::selected: return fmt::format(", {} chosen keys", reach.tokens);
    case ReachKind::all: break;
  }
  return {};
}

struct AttentionName {
  std::string operator()(const GroupedAttention& a) const {
    const char* kind = a.kv_heads == a.heads ? "multi-head attention" : "grouped-query attention";
    return fmt::format("{}, {} heads of {}, {} for keys{}{}", kind, a.heads, a.head_dim, a.kv_heads,
                       reach_name(a.reach), chosen(a.indexer));
  }
  std::string operator()(const LatentAttention& a) const {
    return fmt::format("latent attention, {} heads, latent {} + {}{}", a.heads, a.kv_rank, a.rope_dim,
                       chosen(a.indexer));
  }
  std::string operator()(const CompressedAttention& a) const {
    std::string entries = a.ratio == 0 ? std::string() : fmt::format(", one entry for {} tokens", a.ratio);
    if (a.indexer) entries += fmt::format(", {} entries chosen", a.indexer->tokens);
    return fmt::format("compressed attention, {} heads of {}, window {}{}", a.heads, a.head_dim, a.window, entries);
  }
  std::string operator()(const RecurrentMixer& m) const {
    switch (m.kind) {
      case RecurrentKind::gated_delta:
        return fmt::format("gated delta rule, {} heads, state {} x {}", m.value_heads, m.key_dim, m.value_dim);
      case RecurrentKind::kimi_delta:
        return fmt::format("Kimi delta attention, {} heads, state {} x {}", m.value_heads, m.key_dim, m.value_dim);
      case RecurrentKind::lightning:
        return fmt::format("lightning attention, {} heads, state {} x {}", m.value_heads, m.key_dim, m.value_dim);
      case RecurrentKind::mamba2: break;
    }
    return fmt::format("Mamba-2, {} heads, state {} x {}", m.value_heads, m.value_dim, m.key_dim);
  }
  std::string operator()(const NoMixer&) const { return {}; }
};

struct FfnName {
  std::string operator()(const DenseFfn& f) const { return fmt::format("dense feed-forward, width {}", f.width); }
  std::string operator()(const MoeFfn& f) const {
    std::string out = fmt::format("{} experts of width {}, {} visited", f.experts, f.expert_width, f.top_k);
    if (f.latent > 0) out += fmt::format(", in {} dimensions", f.latent);
    if (f.shared_width > 0) out += fmt::format(", shared width {}", f.shared_width);
    return out;
  }
  std::string operator()(const NoFfn&) const { return {}; }
};

}  // namespace

std::string attention_name(const AttentionShape& attention) { return std::visit(AttentionName{}, attention); }
std::string ffn_name(const FfnShape& ffn) { return std::visit(FfnName{}, ffn); }

}  // namespace memwall
