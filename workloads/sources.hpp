// The visible table of request sources: what a scenario's `source` may name.
#pragma once

#include <span>

#include "sim/serve/source.hpp"

namespace memwall {

[[nodiscard]] std::span<const SourceKind> sources();

}  // namespace memwall
