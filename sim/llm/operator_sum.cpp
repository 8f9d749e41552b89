#include "sim/llm/operator_sum.hpp"

#include <algorithm>
#include <utility>

#include "sim/base/error.hpp"
#include "sim/hw/energy.hpp"

namespace memwall {
namespace {

std::int64_t rows_of_part(std::int64_t rows, std::int64_t parts) { return (rows + parts - 1) / parts; }

}  // namespace

OperatorSum::OperatorSum(std::vector<Placed> operators, std::shared_ptr<const DeviceModel> device,
                         std::shared_ptr<const Interconnect> interconnect)
    : device_(std::move(device)), interconnect_(std::move(interconnect)) {
  reaches_ = limited_reaches(operators);
  law(reaches_.size() <= most_reaches, "a batch keeps sums for few limited reaches");
  for (Placed& placed : operators) {
    if (auto* attention = std::get_if<Attention>(&placed.work)) {
      const auto reach = std::find(reaches_.begin(), reaches_.end(), placed.reach);
      const int place = reach == reaches_.end() ? -1 : static_cast<int>(reach - reaches_.begin());
      attention_.push_back({placed.count, std::move(*attention), place});
    } else if (auto* recurrence = std::get_if<Recurrence>(&placed.work)) {
      states_.push_back({placed.count, std::move(*recurrence)});
    } else {
      operators_.push_back(std::move(placed));
    }
  }
}

Cost OperatorSum::rows_cost(Driver driver, double rows) const {
  struct Price {
    const DeviceModel& device;
    const Interconnect& interconnect;
    double rows;
    Cost operator()(const Gemm& work) const { return device.gemm(work, rows); }
    Cost operator()(const Experts& work) const { return device.experts(work, rows * work.token_ranks); }
    Cost operator()(const Elementwise& work) const { return device.elementwise(work, rows); }
    Cost operator()(const AllReduce& work) const {
      const Bytes payload = work.bytes_per_row * rows;
      Cost cost = interconnect.all_reduce(work.ranks, payload);
      // However the sum is made, each device sends at least what a ring does.
      const double shares = 2.0 * (work.ranks - 1) / work.ranks;
      spend_bytes(cost, device.info().energy, Tier::scale_up, Affine::constant((payload * shares).value));
      return cost;
    }
    Cost operator()(const ExpertExchange& work) const { return interconnect.expert_exchange(work, rows * work.share); }
    Cost operator()(const Attention&) const { return {}; }
    Cost operator()(const Recurrence&) const { return {}; }
  };
  Cost sum;
  if (rows <= 0) return sum;
  for (const Placed& placed : operators_) {
    if (placed.driver != driver) continue;
    sum.add(std::visit(Price{*device_, *interconnect_, rows}, placed.work), placed.count);
  }
  return sum;
}

const Cost& OperatorSum::kept(Driver driver, std::int64_t rows) {
  Kept& kept = driver == Driver::tokens ? by_tokens_ : by_sampled_;
  const auto i = static_cast<std::size_t>(rows);
  if (i >= kept.place.size()) kept.place.resize(i + 1, -1);
  if (kept.place[i] < 0) {
    kept.place[i] = static_cast<std::int32_t>(kept.costs.size());
    kept.costs.push_back(rows_cost(driver, static_cast<double>(rows)));
  }
  return kept.costs[static_cast<std::size_t>(kept.place[i])];
}

void OperatorSum::add_attention(const BatchShape& shape, double parts, Cost& cost) const {
  for (const PlacedAttention& placed : attention_) {
    const auto [context, amount] = attention_work(shape, placed.reach);
    if (shape.decode_sequences > 0) {
      cost.add(
          device_->decode_attention(placed.work, static_cast<double>(shape.decode_sequences) / parts, context / parts),
          placed.count);
    }
    if (shape.prefill_tokens > 0) {
      const PrefillWork part{amount.tokens / parts, amount.pairs / parts, amount.context / parts};
      cost.add(device_->prefill_attention(placed.work, part), placed.count);
    }
  }
}

void OperatorSum::add_states(const BatchShape& shape, double parts, Cost& cost) const {
  const auto sequences = static_cast<double>(shape.decode_sequences + shape.prefill_sequences);
  for (const PlacedRecurrence& placed : states_) {
    cost.add(device_->recurrence(placed.work, sequences / parts, static_cast<double>(shape.tokens) / parts),
             placed.count);
  }
}

const Cost& OperatorSum::price(const BatchShape& shape, std::int64_t parts) {
  answer_ = kept(Driver::tokens, rows_of_part(shape.padded, parts));
  if (shape.sampled > 0) answer_ += kept(Driver::sampled, rows_of_part(shape.sampled, parts));
  add_attention(shape, static_cast<double>(parts), answer_);
  add_states(shape, static_cast<double>(parts), answer_);
  return answer_;
}

Cost OperatorSum::price_from_scratch(const BatchShape& shape, std::int64_t parts) const {
  Cost cost = rows_cost(Driver::tokens, static_cast<double>(rows_of_part(shape.padded, parts)));
  cost += rows_cost(Driver::sampled, static_cast<double>(rows_of_part(shape.sampled, parts)));
  add_attention(shape, static_cast<double>(parts), cost);
  add_states(shape, static_cast<double>(parts), cost);
  return cost;
}

}  // namespace memwall
