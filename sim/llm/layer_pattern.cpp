#include "sim/llm/layer_pattern.hpp"

#include <cstddef>
#include <string>

namespace memwall {
namespace {

bool covers(ConfigDocument& config, const char* key, std::size_t entries, std::int64_t layers) {
  if (entries == static_cast<std::size_t>(layers)) return true;
  config.fault(key, "has " + std::to_string(entries) + " entries; num_hidden_layers is " + std::to_string(layers));
  return false;
}

}  // namespace

std::vector<bool> expert_layers(ConfigDocument& config, std::int64_t layers) {
  std::vector<bool> experts(static_cast<std::size_t>(layers), true);

  const std::int64_t leading_dense = config.integer("first_k_dense_replace", 0, 0, layers);
  const std::int64_t sparse_step = config.integer("decoder_sparse_step", 1, 1, layers);
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
    // DeepSeek counts its period from layer 0, Qwen from layer 1, as their own model code does.
    bool holds = layer >= leading_dense && layer % every == 0 && (layer + 1) % sparse_step == 0;
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

}  // namespace memwall
