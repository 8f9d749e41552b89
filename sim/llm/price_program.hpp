// The operators of a deployment folded into a program that prices a batch in well under a microsecond.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "sim/hw/device.hpp"
#include "sim/hw/interconnect.hpp"
#include "sim/llm/batch_shape.hpp"
#include "sim/llm/operators.hpp"

namespace memwall {

/// Time of a cycle that belongs to the engine and not to the model's operators.
struct CycleOverheads {
  Seconds schedule;               ///< host time to schedule a cycle and prepare its inputs
  bool schedule_hidden = true;    ///< true: side by side with the device (asynchronous scheduling); false: before it
  Seconds sampling_per_sequence;  ///< tier `vector`, added to the device's time, never hidden
};

/// Prices cycles. What depends on the number of rows alone is kept after its first use, so the object is not for two
/// threads at once; its answers depend on nothing but its construction.
class PriceProgram {
 public:
  PriceProgram(std::vector<Placed> operators, std::shared_ptr<const DeviceModel> device,
               std::shared_ptr<const Interconnect> interconnect, CycleOverheads overheads);

  /// Cost of a cycle with this batch and, up to the horizon, of those that follow when every decoding sequence of it
  /// gains one token a cycle. `shape.padded` rows run through the weights.
  [[nodiscard]] const Cost& price(const BatchShape& shape);

  /// The same without anything kept: what the tests compare with.
  [[nodiscard]] Cost price_from_scratch(const BatchShape& shape) const;

  /// The limited reaches of its operators, in the order in which a batch's sums must stand.
  [[nodiscard]] const std::vector<Reach>& reaches() const { return reaches_; }

 private:
  [[nodiscard]] Cost rows_cost(Driver driver, double rows) const;
  [[nodiscard]] const Cost& kept(Driver driver, std::int64_t rows);
  void add_attention(const BatchShape& shape, Cost& cost) const;
  void add_states(const BatchShape& shape, Cost& cost) const;
  void add_overheads(Cost& cost, std::int64_t sampled) const;

  struct Kept {
    std::vector<std::int32_t> place;  ///< by rows; -1 = not priced yet
    std::deque<Cost> costs;
  };

  std::vector<Placed> operators_;
  struct PlacedAttention {
    double count;
    Attention work;
    int reach;  ///< place in `reaches_`; -1 = all keys
  };
  struct PlacedRecurrence {
    double count;
    Recurrence work;
  };

  std::vector<Reach> reaches_;
  std::vector<PlacedAttention> attention_;
  std::vector<PlacedRecurrence> states_;
  std::shared_ptr<const DeviceModel> device_;
  std::shared_ptr<const Interconnect> interconnect_;
  CycleOverheads overheads_;
  Cost host_;
  Kept by_tokens_;
  Kept by_sampled_;
  Cost answer_;
};

}  // namespace memwall
