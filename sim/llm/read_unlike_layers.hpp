// Models whose file writes every layer for itself.
#pragma once

#include "sim/llm/config_document.hpp"
#include "sim/llm/families.hpp"
#include "sim/llm/model.hpp"

namespace memwall {

/// Appends one layer, to the last run where it is equal.
void append_layer(ModelShape& model, LayerGroup layer);

/// Nemotron-H: a pattern of blocks, each one mixer or one feed-forward layer.
void read_blocks(ConfigDocument& config, const Family& family, ModelShape& model);

/// DeciLM and Llama-Nemotron: heads and widths of every layer for itself, halves left out.
void read_searched(ConfigDocument& config, const Family& family, ModelShape& model);

}  // namespace memwall
