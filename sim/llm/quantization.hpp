// The formats of published weights, from where configuration files declare them.
#pragma once

#include "sim/llm/config_document.hpp"
#include "sim/llm/model.hpp"

namespace memwall {

/// Fills the declared formats of `model`, whose layers are read already, and notes what they leave out. Quantisation
/// methods that are not known are faults.
void read_formats(ConfigDocument& config, ModelShape& model);

}  // namespace memwall
