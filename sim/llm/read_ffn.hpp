// The feed-forward half of a layer, from the keys of a configuration file.
#pragma once

#include <cstdint>
#include <string_view>

#include "sim/llm/config_document.hpp"
#include "sim/llm/families.hpp"
#include "sim/llm/model.hpp"

namespace memwall {

/// Under which key the file writes how many routed experts a layer has; one of the spellings even where none is there.
[[nodiscard]] std::string_view expert_count_key(const ConfigDocument& config);

[[nodiscard]] MoeFfn read_experts(ConfigDocument& config, const Family& family);
[[nodiscard]] DenseFfn read_dense(ConfigDocument& config, const Family& family);

}  // namespace memwall
