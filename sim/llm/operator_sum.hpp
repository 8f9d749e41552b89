// The operators of one group of devices, one after another: the sum of their prices for a batch or an equal part of it.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "sim/hw/device.hpp"
#include "sim/hw/interconnect.hpp"
#include "sim/llm/attention_work.hpp"
#include "sim/llm/batch_shape.hpp"
#include "sim/llm/operators.hpp"

namespace memwall {

/// What depends on the number of rows alone is kept after its first use. One object is not for two threads at once.
class OperatorSum {
 public:
  OperatorSum(std::vector<Placed> operators, std::shared_ptr<const DeviceModel> device,
              std::shared_ptr<const Interconnect> interconnect);

  /// Price of one of `parts` equal parts of the batch. Rows that the parts do not divide are rounded up; sequences and
  /// contexts are shared evenly, because a batch's sums do not tell who is in which part. The answer is good until the
  /// next call.
  [[nodiscard]] const Cost& price(const BatchShape& shape, std::int64_t parts = 1);
  /// The same without anything kept.
  [[nodiscard]] Cost price_from_scratch(const BatchShape& shape, std::int64_t parts = 1) const;

  [[nodiscard]] const std::vector<Reach>& reaches() const { return reaches_; }

 private:
  [[nodiscard]] Cost rows_cost(Driver driver, double rows) const;
  [[nodiscard]] const Cost& kept(Driver driver, std::int64_t rows);
  void add_attention(const BatchShape& shape, double parts, Cost& cost) const;
  void add_states(const BatchShape& shape, double parts, Cost& cost) const;

  struct Kept {
    std::vector<std::int32_t> place;  ///< by rows; -1 = not priced yet
    std::deque<Cost> costs;
  };
  struct PlacedAttention {
    double count;
    Attention work;
    int reach;  ///< place in `reaches_`; -1 = all keys
  };
  struct PlacedRecurrence {
    double count;
    Recurrence work;
  };

  std::vector<Placed> operators_;
  std::vector<Reach> reaches_;
  std::vector<PlacedAttention> attention_;
  std::vector<PlacedRecurrence> states_;
  std::shared_ptr<const DeviceModel> device_;
  std::shared_ptr<const Interconnect> interconnect_;
  Kept by_tokens_;
  Kept by_sampled_;
  Cost answer_;
};

}  // namespace memwall
