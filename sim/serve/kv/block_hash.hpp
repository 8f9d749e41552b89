// Identities of token blocks: equal hash if and only if equal tokens, from the start of the sequence on.
#pragma once

#include <cstdint>

#include "sim/serve/sequence.hpp"

namespace memwall {

/// Extends `sequence.hashes` to its first `blocks` full blocks of `block_size` tokens each. The hash of a block covers
/// the block and everything before it. Tokens without declared content, generated ones among them, belong to the
/// request alone.
void extend_hashes(Sequence& sequence, std::int64_t blocks, std::int64_t block_size);

}  // namespace memwall
