#include "sim/llm/layer_kinds.hpp"

#include <algorithm>
#include <array>
#include <type_traits>
#include <variant>

#include "sim/llm/key_walks.hpp"

namespace memwall {
namespace {

LayerKind kind(const GroupedAttention& a) {
  if (a.indexer) return LayerKind::sparse_attention;
  return a.reach.forgets() ? LayerKind::window_attention : LayerKind::softmax_attention;
}
LayerKind kind(const LatentAttention& a) {
  return a.indexer ? LayerKind::sparse_attention : LayerKind::latent_attention;
}
LayerKind kind(const CompressedAttention&) { return LayerKind::sparse_attention; }
LayerKind kind(const RecurrentMixer&) { return LayerKind::recurrence; }
/// Whether queries of the layer attend to keys that something chooses.
bool chooses_keys(const AttentionShape& attention, const CacheTreatment& treatment) {
  const std::vector<KeyWalk> walks = key_walks(attention, treatment);
  return std::any_of(walks.begin(), walks.end(),
                     [](const KeyWalk& walk) { return walk.reach.kind == ReachKind::selected; });
}

LayerKind kind(const DenseFfn&) { return LayerKind::feed_forward; }
LayerKind kind(const MoeFfn&) { return LayerKind::mixture_of_experts; }

}  // namespace

std::vector<LayerKind> layer_kinds(const ModelShape& model, const Deployment& deployment) {
  std::array<bool, layer_kind_count> seen{};
  const auto see = [&seen](const auto& shape) {
    using Shape = std::decay_t<decltype(shape)>;
    // A layer without a mixer or without a feed-forward part asks for nothing there.
    if constexpr (!std::is_same_v<Shape, NoMixer> && !std::is_same_v<Shape, NoFfn>) {
      seen[static_cast<std::size_t>(kind(shape))] = true;
    }
  };
  for (const LayerGroup& group : model.layers) {
    if (chooses_keys(group.attention, deployment.cache())) {
      seen[static_cast<std::size_t>(LayerKind::sparse_attention)] = true;
    } else {
      std::visit(see, group.attention);
    }
    std::visit(see, group.ffn);
  }
  std::vector<LayerKind> kinds;
  for (std::size_t i = 0; i < layer_kind_count; ++i) {
    if (seen[i]) kinds.push_back(static_cast<LayerKind>(i));
  }
  return kinds;
}

}  // namespace memwall
