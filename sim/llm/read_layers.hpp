// All layers of a model, from the many ways in which files write them.
#pragma once

#include "sim/llm/config_document.hpp"
#include "sim/llm/families.hpp"
#include "sim/llm/model.hpp"

namespace memwall {

/// Fills `layers` and the layers for multi-token prediction; `hidden` is read already. Faults go to the document.
void read_layers(ConfigDocument& config, const Family& family, ModelShape& model);

}  // namespace memwall
