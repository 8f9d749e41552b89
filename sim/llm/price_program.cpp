#include "sim/llm/price_program.hpp"

namespace memwall {

PriceProgram::PriceProgram(std::vector<Placed> operators, std::shared_ptr<const DeviceModel> device,
                           std::shared_ptr<const Interconnect> interconnect, CycleOverheads overheads)
    : device_(std::move(device)),
      interconnect_(std::move(interconnect)),
      overheads_(overheads),
      host_(overheads.host()) {
  for (Placed& placed : operators) {
    auto& list = placed.driver == Driver::attention ? attention_ : operators_;
    list.push_back(std::move(placed));
  }
}

Cost PriceProgram::rows_cost(Driver driver, double rows) const {
  struct Price {
    const DeviceModel& device;
    const Interconnect& interconnect;
    double rows;
    Cost operator()(const Gemm& work) const { return device.gemm(work, rows); }
    Cost operator()(const Experts& work) const { return device.experts(work, rows); }
    Cost operator()(const Elementwise& work) const { return device.elementwise(work, rows); }
    Cost operator()(const AllReduce& work) const {
      return interconnect.all_reduce(work.ranks, work.bytes_per_row * rows);
    }
    Cost operator()(const Attention&) const { return {}; }
  };
  Cost sum;
  if (rows <= 0) return sum;
  for (const Placed& placed : operators_) {
    if (placed.driver != driver) continue;
    sum.add(std::visit(Price{*device_, *interconnect_, rows}, placed.work), placed.count);
  }
  return sum;
}

const Cost& PriceProgram::kept(Driver driver, std::int64_t rows) {
  Kept& kept = driver == Driver::tokens ? by_tokens_ : by_sampled_;
  const auto i = static_cast<std::size_t>(rows);
  if (i >= kept.place.size()) kept.place.resize(i + 1, -1);
  if (kept.place[i] < 0) {
    kept.place[i] = static_cast<std::int32_t>(kept.costs.size());
    kept.costs.push_back(rows_cost(driver, static_cast<double>(rows)));
  }
  return kept.costs[static_cast<std::size_t>(kept.place[i])];
}

void PriceProgram::add_attention(const BatchShape& shape, Cost& cost) const {
  for (const Placed& placed : attention_) {
    const auto& work = std::get<Attention>(placed.work);
    if (shape.decode_sequences > 0) {
      // Every decoding sequence reads one more key in each following cycle.
      const Affine context{static_cast<double>(shape.decode_context), static_cast<double>(shape.decode_sequences)};
      cost.add(device_->decode_attention(work, static_cast<double>(shape.decode_sequences), context), placed.count);
    }
    if (shape.prefill_tokens > 0) {
      const PrefillWork amount{static_cast<double>(shape.prefill_tokens), static_cast<double>(shape.prefill_pairs),
                               static_cast<double>(shape.prefill_context)};
      cost.add(device_->prefill_attention(work, amount), placed.count);
    }
  }
}

const Cost& PriceProgram::price(const BatchShape& shape) {
  answer_ = kept(Driver::tokens, shape.padded);
  if (shape.sampled > 0) answer_ += kept(Driver::sampled, shape.sampled);
  add_attention(shape, answer_);
  overheads_.add_to(answer_, host_, shape.sampled);
  return answer_;
}

Cost PriceProgram::price_from_scratch(const BatchShape& shape) const {
  Cost cost = rows_cost(Driver::tokens, static_cast<double>(shape.padded));
  cost += rows_cost(Driver::sampled, static_cast<double>(shape.sampled));
  add_attention(shape, cost);
  overheads_.add_to(cost, host_, shape.sampled);
  return cost;
}

}  // namespace memwall
