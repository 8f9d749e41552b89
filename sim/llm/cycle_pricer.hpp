// What the engine asks of a deployment: the price of a cycle.
#pragma once

#include "sim/hw/cost.hpp"
#include "sim/llm/batch_shape.hpp"

namespace memwall {

/// Prices cycles. Its answers depend on nothing but its construction; what it keeps makes it faster and means that one
/// object is not for two threads at once.
class CyclePricer {
 public:
  virtual ~CyclePricer() = default;

  /// Cost of a cycle with this batch and, up to the horizon, of those that follow when every decoding sequence of it
  /// gains one token a cycle. `shape.padded` rows run through the weights.
  [[nodiscard]] virtual const Cost& price(const BatchShape& shape) = 0;

  /// The same without anything kept: what the tests compare with.
  [[nodiscard]] virtual Cost price_from_scratch(const BatchShape& shape) const = 0;
};

}  // namespace memwall
