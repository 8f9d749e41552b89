// The grouped way of planning: work for what changes, not for every running sequence.
#include <algorithm>

#include "sim/base/error.hpp"
#include "sim/serve/scheduler/vllm.hpp"

namespace memwall {
namespace {

/// Its prompt, or what it has to compute again after a preemption, is not finished: not even where one token is left.
bool prefills(const Sequence& s) { return s.computed < s.prefill_end && s.placeholders == 0; }

}  // namespace

// Everybody who runs must decode in step, but for one prompt at the end of the list that is not computed yet.
bool VllmScheduler::can_gather() const {
  if (!skipped_.empty() || scattered_in_flight_) return false;
  const std::int64_t in_flight = plans_ - results_;
  for (std::size_t i = 0; i < running_.size(); ++i) {
    const Sequence& s = sequence(running_[i]);
    if (prefills(s)) {
      if (i + 1 != running_.size()) return false;
      continue;
    }
    if (s.known + s.placeholders != s.computed + 1) return false;
    if (in_flight == 0 && (s.placeholders != 0 || s.last_cycle != last_cycle_)) return false;
    if (in_flight == 1 && s.placeholders != (config_.async_scheduling ? 1 : 0)) return false;
  }
  return in_flight <= 1;
}

void VllmScheduler::gather() {
  group_ = DecodeGroup(config_.block_size, config_.reaches, plans_);
  prefilling_.clear();
  std::size_t decoding = 0;
  bool same = true;
  for (std::size_t i = 0; i < running_.size(); ++i) {
    const Slot slot = running_[i];
    Sequence& s = sequence(slot);
    s.position = static_cast<std::int64_t>(i);
    if (prefills(s)) {
      prefilling_.push_back(slot);
      continue;
    }
    join_group(s, slot, plans_, s.placeholders);
    same = same && decoding < last_batch_.size() && last_batch_[decoding] == s.request.id;
    ++decoding;
  }
  group_changed_ = !same || decoding != last_batch_.size();
  wasted_ = 0;
  grouped_ = true;
}

// The sequence has computed what it has after plan `plan`; `pending` of its tokens come with results that are not read
// yet, the last of them with the result of that plan.
void VllmScheduler::join_group(Sequence& s, Slot slot, std::int64_t plan, std::int64_t pending) {
  DecodeGroup::Member member;
  member.slot = slot;
  member.order = s.order;
  member.base = s.computed - plan;
  member.capacity = s.capacity;
  member.first_result = plan;
  member.finish = plan + s.finish_at - s.known - pending;
  member.last = plan + s.end - s.known - pending;
  s.grouped = true;
  s.finish_result = member.finish;
  group_.join(member);
}

std::int64_t VllmScheduler::generated(Slot slot) const {
  const Sequence& s = sequence(slot);
  if (!s.grouped) return s.generated();
  // What it had when it joined stands until the result that it joined with is read.
  return std::max(s.known, s.finish_at - (s.finish_result - results_)) - s.prompt();
}

// Gives every member back the counts that the group stood for.
void VllmScheduler::scatter() {
  const bool in_flight = plans_ > results_;
  scattered_in_flight_ = in_flight;
  group_.each([&](const DecodeGroup::Member& member) {
    Sequence& s = sequence(member.slot);
    s.grouped = false;
    s.computed = member.base + (group_.has_left(member) ? member.last : plans_);
    s.known = s.finish_at - (member.finish - results_);
    s.placeholders = config_.async_scheduling ? s.computed + 1 - s.known : 0;
    s.held = std::max(member.capacity / config_.block_size, blocks_for(s.computed));
    s.capacity = s.held * config_.block_size;
    kv_->register_full(s, std::min(s.computed - s.placeholders, s.known));
    if (member.first_result <= results_) {
      s.last_cycle = last_cycle_;
      s.last_token = last_end_;
    }
    if (in_flight && member.first_result < plans_ && member.last >= plans_) {
      Scheduled entry;
      entry.slot = member.slot;
      entry.tokens = 1;
      entry.samples = true;
      entry.before = s.computed - 1;
      entry.request = s.request.id;
      unlisted_.push_back(entry);
    }
  });
  std::sort(unlisted_.begin(), unlisted_.end(),
            [this](const Scheduled& a, const Scheduled& b) { return sequence(a.slot).order < sequence(b.slot).order; });
  compact_running();
  last_batch_.clear();
  if (!group_changed_ && last_was_decode_) {
    for (const Slot slot : running_) last_batch_.push_back(sequence(slot).request.id);
  }
  group_ = DecodeGroup(config_.block_size, config_.reaches, plans_);
  grouped_ = false;
}

// False when something is due that only the plain way can do; nothing has been booked then but who has left the plans.
bool VllmScheduler::plan_grouped(Plan& plan) {
  cut_by_policy_ = false;
  const std::int64_t number = plans_ + 1;
  for (DecodeGroup::Member member; group_.pop_leaver(number, member);) group_changed_ = true;
  const std::int64_t decoders = group_.size();
  std::int64_t budget = config_.max_num_batched_tokens - decoders;
  if (budget < 0) return false;

  const std::int64_t due = group_.blocks_due(number);
  std::int64_t prefill_tokens = 0;
  std::int64_t prefill_blocks = 0;
  if (!prefilling_.empty()) {
    if (prefilling_.size() > 1 || budget == 0) return false;
    const Sequence& s = sequence(prefilling_.front());
    prefill_tokens = std::min({s.known - s.computed, budget, config_.max_model_len - 1 - s.computed});
    prefill_blocks = std::max<std::int64_t>(0, blocks_for(s.computed + prefill_tokens) - s.held);
  }
  if (due + prefill_blocks > free_blocks()) return false;

  kv_->grow_unnamed(due);
  plan.decoders = decoders;
  if (prefill_tokens > 0) {
    Sequence& s = sequence(prefilling_.front());
    if (prefill_blocks > 0) take_blocks(s, prefill_blocks);
    schedule(s, prefilling_.front(), prefill_tokens, plan, budget);
  }
  plan_waiting(plan, budget);
  if (plan.empty()) return true;

  plan.shape.tokens = plan.shape.sampled = plan.shape.decode_sequences = plan.shape.decode_tokens = decoders;
  plan.shape.decode_context = group_.computed_before(number) + decoders;
  group_.count_reaches(number, plan.shape.reaches);
  plans_ = number;
  prefilling_.clear();
  for (const Scheduled& entry : plan.batch) {
    Sequence& s = sequence(entry.slot);
    plan.shape.add(entry.before, entry.tokens, entry.samples, entry.before >= s.prefill_end, config_.reaches);
    s.computed += entry.tokens;
    if (entry.samples) {
      join_group(s, entry.slot, number, 1);
    } else {
      prefilling_.push_back(entry.slot);
    }
  }
  const bool decode = plan.batch.empty();
  plan.steady = decode && last_was_decode_ && !group_changed_;
  last_was_decode_ = decode;
  group_changed_ = false;
  set_limit(plan, !prefilling_.empty());
  return true;
}

void VllmScheduler::result_grouped(const Plan& plan, std::int64_t cycle, Time end, CycleResult& out) {
  // The sequences that are listed one by one: those that were prefilled, and all of a plan from before the group.
  for (const Scheduled& entry : plan.batch) {
    Sequence& s = sequence(entry.slot);
    if (!entry.samples || s.request.id != entry.request || !s.grouped) continue;
    gain_token(s, cycle, end, out);
    ++out.tokens;
  }
  out.steady += plan.decoders - wasted_;
  out.tokens += plan.decoders - wasted_;
  wasted_ = 0;
  for (DecodeGroup::Member member; group_.pop_finisher(results_, member);) {
    // The plan that is in flight already counts on it, because nobody knew that it would end here.
    if (!group_.has_left(member)) {
      group_changed_ = true;
      if (plans_ > results_) ++wasted_;
    }
    finish_grouped(member, out);
  }
}

void VllmScheduler::finish_grouped(const DecodeGroup::Member& member, CycleResult& out) {
  Sequence& s = sequence(member.slot);
  s.computed = member.base + (group_.has_left(member) ? member.last : plans_);
  s.known = s.finish_at;
  s.held = std::max(member.capacity / config_.block_size, blocks_for(s.computed));
  kv_->register_full(s, s.known - 1);
  s.grouped = false;
  leave_running(s);
  finish(member.slot, out);
}

void VllmScheduler::leave_running(Sequence& s) {
  running_[static_cast<std::size_t>(s.position)] = -1;
  ++gone_;
  if (2 * gone_ > static_cast<std::int64_t>(running_.size())) compact_running();
}

void VllmScheduler::compact_running() {
  std::size_t kept = 0;
  for (const Slot slot : running_) {
    if (slot < 0) continue;
    sequence(slot).position = static_cast<std::int64_t>(kept);
    running_[kept++] = slot;
  }
  running_.resize(kept);
  gone_ = 0;
}

}  // namespace memwall
