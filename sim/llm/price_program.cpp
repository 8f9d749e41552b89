#include "sim/llm/price_program.hpp"

#include <utility>
#include <variant>

namespace memwall {
namespace {

std::vector<Placed> chosen(const std::vector<Placed>& all, bool exchanges) {
  std::vector<Placed> out;
  for (const Placed& placed : all) {
    if (std::holds_alternative<ExpertExchange>(placed.work) == exchanges) out.push_back(placed);
  }
  return out;
}

constexpr std::int64_t halves = 2;

Cost beside(const Cost& half_of_work, const Cost& half_of_exchange) {
  Cost cost = half_of_work.times(halves);
  cost.beside(half_of_exchange.times(halves));
  return cost;
}

}  // namespace

PriceProgram::PriceProgram(std::vector<Placed> operators, std::shared_ptr<const DeviceModel> device,
                           std::shared_ptr<const Interconnect> interconnect, CycleOverheads overheads, bool two_batches)
    : operators_(two_batches ? chosen(operators, false) : operators, device, interconnect),
      overheads_(overheads),
      host_(overheads.host()) {
  if (two_batches) exchange_ = std::make_unique<OperatorSum>(chosen(operators, true), device, interconnect);
}

const Cost& PriceProgram::price(const BatchShape& shape) {
  if (exchange_) {
    answer_ = beside(operators_.price(shape, halves), exchange_->price(shape, halves));
  } else {
    answer_ = operators_.price(shape);
  }
  overheads_.add_to(answer_, host_, shape.sampled);
  return answer_;
}

Cost PriceProgram::price_from_scratch(const BatchShape& shape) const {
  Cost cost = exchange_
                  ? beside(operators_.price_from_scratch(shape, halves), exchange_->price_from_scratch(shape, halves))
                  : operators_.price_from_scratch(shape);
  overheads_.add_to(cost, host_, shape.sampled);
  return cost;
}

}  // namespace memwall
