// The visible table of request sources: what a scenario's `source` may name.
#pragma once

#include <span>

#include "sim/base/embedded.hpp"
#include "sim/serve/source.hpp"

namespace memwall {

[[nodiscard]] std::span<const SourceKind> sources();

/// The models that the program carries, a file each, and the table of their aliases.
[[nodiscard]] std::span<const EmbeddedFile> model_files();

}  // namespace memwall
