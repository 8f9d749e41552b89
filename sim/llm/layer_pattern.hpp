// Which layers of a mixture-of-experts model hold experts.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/llm/config_document.hpp"

namespace memwall {

/// One entry a layer, true where it holds experts. Understands the keys of the DeepSeek family (first_k_dense_replace,
/// moe_layer_freq as a number or a list, mlp_layer_types) and of the Qwen family (decoder_sparse_step,
/// mlp_only_layers); without any of them every layer holds experts. Contradictions become faults.
[[nodiscard]] std::vector<bool> expert_layers(ConfigDocument& config, std::int64_t layers);

}  // namespace memwall
