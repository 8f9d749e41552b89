#include "sim/llm/price_program.hpp"

#include <utility>

namespace memwall {

PriceProgram::PriceProgram(std::vector<Placed> operators, std::shared_ptr<const DeviceModel> device,
                           std::shared_ptr<const Interconnect> interconnect, CycleOverheads overheads)
    : operators_(std::move(operators), std::move(device), std::move(interconnect)),
      overheads_(overheads),
      host_(overheads.host()) {}

const Cost& PriceProgram::price(const BatchShape& shape) {
  answer_ = operators_.price(shape);
  overheads_.add_to(answer_, host_, shape.sampled);
  return answer_;
}

Cost PriceProgram::price_from_scratch(const BatchShape& shape) const {
  Cost cost = operators_.price_from_scratch(shape);
  overheads_.add_to(cost, host_, shape.sampled);
  return cost;
}

}  // namespace memwall
