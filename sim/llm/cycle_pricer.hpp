// What the engine asks of a deployment: the price of a cycle.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/hw/cost.hpp"
#include "sim/llm/batch_shape.hpp"

namespace memwall {

/// One group of resources in a cycle whose parts take turns on several, for whoever explains prices.
struct NamedStage {
  std::string_view name;
  Seconds visit;   ///< of one part
  Seconds served;  ///< all parts, one after another
  std::int64_t parts = 1;
};

[[nodiscard]] inline NamedStage named(std::string_view name, Affine visit, Affine occupancy, std::int64_t parts) {
  return {name, Seconds{visit.value}, Seconds{occupancy.value * static_cast<double>(parts)}, parts};
}

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

  /// From the end of such a cycle, when the replica's next one may start, until the last of its tokens exist. Above
  /// zero where tokens are still under way while the machine already takes in what follows. Seconds; the horizon is not
  /// longer than the price's.
  [[nodiscard]] virtual Affine lateness(const BatchShape&) const { return {}; }

  /// What such a cycle is made of, at its first moment; empty where nothing takes turns.
  [[nodiscard]] virtual std::vector<NamedStage> stages(const BatchShape&) const { return {}; }

  /// The limited reaches of its operators, in the order in which a batch's sums must stand.
  [[nodiscard]] virtual const std::vector<Reach>& reaches() const = 0;
};

}  // namespace memwall
