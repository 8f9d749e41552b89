#include "sim/llm/layer_kinds.hpp"

#include <array>
#include <variant>

namespace memwall {
namespace {

LayerKind kind(const GroupedAttention&) { return LayerKind::softmax_attention; }
LayerKind kind(const LatentAttention&) { return LayerKind::latent_attention; }
LayerKind kind(const DenseFfn&) { return LayerKind::feed_forward; }
LayerKind kind(const MoeFfn&) { return LayerKind::mixture_of_experts; }

}  // namespace

std::vector<LayerKind> layer_kinds(const ModelShape& model) {
  std::array<bool, layer_kind_count> seen{};
  const auto see = [&seen](const auto& shape) { seen[static_cast<std::size_t>(kind(shape))] = true; };
  for (const LayerGroup& group : model.layers) {
    std::visit(see, group.attention);
    std::visit(see, group.ffn);
  }
  std::vector<LayerKind> kinds;
  for (std::size_t i = 0; i < layer_kind_count; ++i) {
    if (seen[i]) kinds.push_back(static_cast<LayerKind>(i));
  }
  return kinds;
}

}  // namespace memwall
