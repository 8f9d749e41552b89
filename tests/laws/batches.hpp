// Batches that several laws price.
#pragma once

#include <cstdint>

#include "sim/llm/batch_shape.hpp"

namespace memwall::test {

/// So many sequences that decode, each with this context, its own token included.
inline BatchShape decode(std::int64_t sequences, std::int64_t context) {
  BatchShape shape;
  for (std::int64_t i = 0; i < sequences; ++i) shape.add(context - 1, 1, true, true);
  shape.padded = shape.tokens;
  return shape;
}

/// A first chunk that ends no prompt.
inline BatchShape prompt(std::int64_t tokens) {
  BatchShape shape;
  shape.add(0, tokens, true, false);
  shape.padded = shape.tokens;
  return shape;
}

}  // namespace memwall::test
