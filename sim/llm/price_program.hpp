// The operators of a deployment folded into a program that prices a batch in well under a microsecond.
#pragma once

#include <memory>
#include <vector>

#include "sim/llm/cycle_overheads.hpp"
#include "sim/llm/cycle_pricer.hpp"
#include "sim/llm/operator_sum.hpp"

namespace memwall {

/// Cycles of a machine that runs one operator after another.
class PriceProgram final : public CyclePricer {
 public:
  PriceProgram(std::vector<Placed> operators, std::shared_ptr<const DeviceModel> device,
               std::shared_ptr<const Interconnect> interconnect, CycleOverheads overheads);

  [[nodiscard]] const Cost& price(const BatchShape& shape) override;
  [[nodiscard]] Cost price_from_scratch(const BatchShape& shape) const override;

  [[nodiscard]] const std::vector<Reach>& reaches() const override { return operators_.reaches(); }

 private:
  OperatorSum operators_;
  CycleOverheads overheads_;
  Cost host_;
  Cost answer_;
};

}  // namespace memwall
