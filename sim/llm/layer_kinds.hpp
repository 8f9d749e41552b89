// Which kinds of layers a model has, for devices that cannot run all of them.
#pragma once

#include <vector>

#include "sim/hw/device_info.hpp"
#include "sim/llm/deployment.hpp"
#include "sim/llm/model.hpp"

namespace memwall {

/// Every kind that appears in the model as it is deployed, in the order of the enumeration: full attention of which a
/// deployment reads a budget of chosen keys alone is sparse attention.
[[nodiscard]] std::vector<LayerKind> layer_kinds(const ModelShape& model, const Deployment& deployment);

}  // namespace memwall
