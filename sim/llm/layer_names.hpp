// The kinds of layers in words, for descriptions.
#pragma once

#include <string>

#include "sim/llm/model.hpp"

namespace memwall {

/// Empty for a layer without attention.
[[nodiscard]] std::string attention_name(const AttentionShape& attention);
/// Empty for a layer without feed-forward half.
[[nodiscard]] std::string ffn_name(const FfnShape& ffn);

}  // namespace memwall
