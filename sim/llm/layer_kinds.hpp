// Which kinds of layers a model has, for devices that cannot run all of them.
#pragma once

#include <vector>

#include "sim/hw/device_info.hpp"
#include "sim/llm/model.hpp"

namespace memwall {

/// Every kind that appears in the model, in the order of the enumeration.
[[nodiscard]] std::vector<LayerKind> layer_kinds(const ModelShape& model);

}  // namespace memwall
