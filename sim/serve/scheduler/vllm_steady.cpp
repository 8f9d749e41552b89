// The part of the scheduler that books many equal cycles at once. Whatever it does must be what plan() and result()
// would have done one by one; the tests hold it to that.
#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>

#include "sim/base/error.hpp"
#include "sim/serve/scheduler/vllm.hpp"

namespace memwall {

std::int64_t VllmScheduler::steady_cycles(const Plan& executing, const Plan* next) const {
  if (grouped_) return steady_cycles_grouped(executing, next);
  const BatchShape& shape = executing.shape;
  const bool decode_only = shape.prefill_tokens == 0 && shape.decode_tokens == shape.decode_sequences;
  if (!decode_only || config_.num_speculative_tokens > 0 || config_.pipeline_parallel_size > 1) return 1;
  if (executing.batch.size() != running_.size() || !executing.admitted.empty() || !skipped_.empty()) return 1;
  if (next != nullptr && !next->steady) return 1;
  // A plan that preempted did not look at the waiting queue; the following one will.
  if (next == nullptr && !executing.preempted.empty()) return 1;

  std::int64_t cycles = std::numeric_limits<std::int64_t>::max();
  for (const Scheduled& entry : executing.batch) {
    const Sequence& s = sequence(entry.slot);
    if (s.request.id != entry.request) return 1;
    cycles = std::min(cycles, s.finish_at - s.known);
    // Asynchronous scheduling predicts an end by length and leaves the sequence out of the plan made one cycle earlier.
    if (next != nullptr) cycles = std::min(cycles, s.end - s.known - 1);
  }
  if (cycles <= 1) return 1;
  return std::max<std::int64_t>(1, std::min(cycles, 1 + cycles_until_blocks_run_out(executing)));
}

// The same from the group's due dates. `executing` has the number plans_, or one less when `next` is made already.
std::int64_t VllmScheduler::steady_cycles_grouped(const Plan& executing, const Plan* next) const {
  if (!executing.batch.empty() || !prefilling_.empty() || (next != nullptr && !next->steady)) return 1;
  const std::int64_t number = next != nullptr ? plans_ - 1 : plans_;
  std::int64_t cycles = group_.next_finish() - number + 1;
  if (next != nullptr) cycles = std::min(cycles, group_.next_leave() - number);
  if (cycles <= 1 || group_.size() == 0) return 1;
  // Most leaps end long before the blocks do; then nothing needs to be counted.
  const std::int64_t at_most = group_.size() * (cycles / config_.block_size + 1);
  if (at_most <= free_blocks()) return cycles;
  return std::min(cycles, 1 + group_.plans_within(plans_ + 1, free_blocks()));
}

// Plans that can still be made before one of them lacks a block. Each sequence takes a block every `block_size` plans;
// the first of them when its room is used up.
std::int64_t VllmScheduler::cycles_until_blocks_run_out(const Plan& plan) const {
  const auto sequences = static_cast<std::int64_t>(plan.batch.size());
  const std::int64_t free = free_blocks();
  const std::int64_t rounds = free / sequences;
  std::vector<std::int64_t> due(static_cast<std::size_t>(config_.block_size), 0);
  for (const Scheduled& entry : plan.batch) {
    const Sequence& s = sequence(entry.slot);
    ++due[static_cast<std::size_t>(s.capacity - s.computed)];
  }
  std::int64_t left = free - rounds * sequences;
  std::int64_t plans = rounds * config_.block_size;
  for (const std::int64_t needed : due) {
    if (needed > left) break;
    left -= needed;
    ++plans;
  }
  return plans;
}

void VllmScheduler::advance(const Plan& executing, std::int64_t count, std::int64_t first, Time first_end,
                            Time last_end, CycleResult& out) {
  last_cycle_ = first + count - 1;
  last_end_ = last_end;
  if (grouped_) {
    kv_->grow_unnamed(group_.blocks_due(plans_ + 1, count));
    plans_ += count;
    results_ += count;
    out.steady += executing.decoders;
    out.tokens += count * executing.decoders;
    return;
  }
  plans_ += count;
  results_ += count;
  if (kv_->order_matters()) take_blocks_in_order(executing, count);
  for (const Scheduled& entry : executing.batch) {
    Sequence& s = sequence(entry.slot);
    s.computed += count;
    s.known += count;
    if (s.computed > s.capacity) take_blocks(s, blocks_for(s.computed) - s.held);
    register_full(s, std::min(s.computed, s.known));
    if (s.first_token == Time::never()) {
      s.first_token = first_end;
      s.late = late_;
    } else if (s.last_cycle == first - 1) {
      ++out.steady;
    } else {
      out.gaps.push_back(static_cast<Int128>((first_end - s.last_token).ps) << Ramp::fraction_bits);
    }
    s.last_cycle = first + count - 1;
    s.last_token = last_end;
  }
  out.tokens += count * static_cast<std::int64_t>(executing.batch.size());
}

// The tokens of the last plan are booked already, so a sequence's context in it is what it has computed.
void VllmScheduler::recount_reaches(Plan& plan) const {
  if (config_.reaches.empty()) return;
  std::array<ReachSum, most_reaches> sums{};
  if (grouped_) {
    group_.count_reaches(plans_, sums);
  } else {
    for (const Scheduled& entry : plan.batch) {
      for (std::size_t i = 0; i < config_.reaches.size(); ++i) {
        sums[i].add_decode(config_.reaches[i], sequence(entry.slot).computed);
      }
    }
  }
  plan.shape.reaches = sums;
}

// Blocks leave the free list in the order of the plans, and within a plan in batch order.
void VllmScheduler::take_blocks_in_order(const Plan& executing, std::int64_t plans) {
  struct Need {
    std::int64_t plan;
    std::size_t position;
    bool operator<(const Need& other) const {
      return plan != other.plan ? plan < other.plan : position < other.position;
    }
  };
  std::vector<Need> needs;
  for (std::size_t i = 0; i < executing.batch.size(); ++i) {
    const Sequence& s = sequence(executing.batch[i].slot);
    for (std::int64_t plan = s.capacity - s.computed; plan < plans; plan += config_.block_size)
      needs.push_back({plan, i});
  }
  std::sort(needs.begin(), needs.end());
  for (const Need& need : needs) take_blocks(sequence(executing.batch[need.position].slot), 1);
}

}  // namespace memwall
