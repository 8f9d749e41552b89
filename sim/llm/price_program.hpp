// The operators of a deployment folded into a program that prices a batch in well under a microsecond.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "sim/hw/device.hpp"
#include "sim/hw/interconnect.hpp"
#include "sim/llm/batch_shape.hpp"
#include "sim/llm/cycle_overheads.hpp"
#include "sim/llm/cycle_pricer.hpp"
#include "sim/llm/operators.hpp"

namespace memwall {

/// Cycles of a machine that runs one operator after another. What depends on the number of rows alone is kept after its
/// first use.
class PriceProgram final : public CyclePricer {
 public:
  PriceProgram(std::vector<Placed> operators, std::shared_ptr<const DeviceModel> device,
               std::shared_ptr<const Interconnect> interconnect, CycleOverheads overheads);

  [[nodiscard]] const Cost& price(const BatchShape& shape) override;
  [[nodiscard]] Cost price_from_scratch(const BatchShape& shape) const override;

 private:
  [[nodiscard]] Cost rows_cost(Driver driver, double rows) const;
  [[nodiscard]] const Cost& kept(Driver driver, std::int64_t rows);
  void add_attention(const BatchShape& shape, Cost& cost) const;

  struct Kept {
    std::vector<std::int32_t> place;  ///< by rows; -1 = not priced yet
    std::deque<Cost> costs;
  };

  std::vector<Placed> operators_;
  std::vector<Placed> attention_;
  std::shared_ptr<const DeviceModel> device_;
  std::shared_ptr<const Interconnect> interconnect_;
  CycleOverheads overheads_;
  Cost host_;
  Kept by_tokens_;
  Kept by_sampled_;
  Cost answer_;
};

}  // namespace memwall
