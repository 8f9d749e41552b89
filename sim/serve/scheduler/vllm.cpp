#include "sim/serve/scheduler/vllm.hpp"

#include <algorithm>
#include <string>

#include "sim/base/error.hpp"

namespace memwall {

VllmScheduler::VllmScheduler(const VllmConfig& config, std::unique_ptr<KvCache> kv, bool may_group)
    : config_(config),
      kv_(std::move(kv)),
      waiting_(config.policy),
      watermark_blocks_(static_cast<std::int64_t>(config.watermark * static_cast<double>(config.num_blocks))),
      may_group_(may_group && !kv_->order_matters() && config.num_speculative_tokens == 0 &&
                 config.pipeline_parallel_size == 1 && config.long_prefill_token_threshold == 0),
      group_(config.block_size, config.reaches, 0) {}

std::string VllmScheduler::refusal(const Request& request) const {
  if (request.input_tokens + request.max_tokens > config_.max_model_len) {
    return "prompt and output exceed max_model_len";
  }
  if (blocks_for(request.input_tokens + request.max_tokens) + config_.sequence_blocks > kv_->capacity())
    return "prompt and output exceed the KV cache";
  return {};
}

Slot VllmScheduler::add(Request request, std::int64_t external_tokens, bool gated) {
  Slot slot = 0;
  if (unused_.empty()) {
    slot = static_cast<Slot>(sequences_.size());
    sequences_.push_back(std::make_unique<Sequence>());
  } else {
    slot = unused_.back();
    unused_.pop_back();
    *sequences_[static_cast<std::size_t>(slot)] = Sequence{};
  }
  Sequence& s = sequence(slot);
  s.request = std::move(request);
  s.known = s.request.input_tokens;
  s.end = std::min(s.request.input_tokens + s.request.max_tokens, config_.max_model_len);
  s.finish_at = std::min(s.request.input_tokens + s.request.output_tokens, s.end);
  s.external_tokens = external_tokens;
  s.gated = gated;
  waiting_.push_back(slot, s.request);
  return slot;
}

void VllmScheduler::abort(Slot slot) {
  if (grouped_) scatter();
  Sequence& s = sequence(slot);
  s.finish_at = s.known;
  const bool admitted = s.state != SequenceState::waiting && s.state != SequenceState::preempted;
  if (admitted) aside_ -= config_.sequence_blocks;
  switch (s.state) {
    case SequenceState::running: std::erase(running_, slot); break;
    case SequenceState::loading: std::erase(skipped_, slot); break;
    case SequenceState::waiting:
    case SequenceState::preempted: waiting_.remove(slot, s.request); break;
    case SequenceState::leaving: --leaving_; break;
  }
  kv_->release(s);
}

void VllmScheduler::forget(Slot slot) { unused_.push_back(slot); }

std::int64_t VllmScheduler::blocks_for(std::int64_t tokens) const {
  return (tokens + config_.block_size - 1) / config_.block_size;
}

void VllmScheduler::plan(Plan& plan) {
  plan.clear();
  if (!grouped_ && may_group_ && can_gather()) gather();
  if (grouped_) {
    if (plan_grouped(plan)) return;
    scatter();
    plan.clear();
  }
  cut_by_policy_ = false;
  std::int64_t budget = config_.max_num_batched_tokens;
  plan_running(plan, budget);
  // An engine that just had to preempt has no room to admit.
  if (plan.preempted.empty()) plan_waiting(plan, budget);
  book(plan);
}

// Running sequences in the order of their admission. A sequence that needs a block which is not there preempts the
// least important running one, if need be itself.
void VllmScheduler::plan_running(Plan& plan, std::int64_t& budget) {
  std::size_t i = 0;
  while (i < running_.size() && budget > 0) {
    const Slot slot = running_[i];
    Sequence& s = sequence(slot);
    // Its last token is already in flight: it needs no further cycle (known only with asynchronous scheduling).
    if (s.placeholders > 0 && s.computed + 2 - s.placeholders >= s.end) {
      ++i;
      continue;
    }
    std::int64_t tokens = s.known + s.drafts + s.placeholders - s.computed;
    const std::int64_t threshold = config_.long_prefill_token_threshold;
    if (threshold > 0 && tokens > threshold) {
      tokens = threshold;
      cut_by_policy_ = true;
    }
    tokens = std::min({tokens, budget, config_.max_model_len - 1 - s.computed});
    if (tokens <= 0) {
      ++i;
      continue;
    }
    bool fits = true;
    const std::int64_t room = std::min(s.computed + tokens + config_.num_lookahead_tokens, config_.max_model_len);
    while (room > s.capacity) {
      const std::int64_t need = blocks_for(room) - s.held;
      if (need <= free_blocks()) {
        take_blocks(s, need);
        break;
      }
      const Slot victim = choose_victim();
      const auto place = std::find(running_.begin(), running_.end(), victim);
      running_.erase(place);
      const auto scheduled = std::find_if(plan.batch.begin(), plan.batch.end(),
                                          [victim](const Scheduled& entry) { return entry.slot == victim; });
      if (scheduled != plan.batch.end()) {
        unschedule(plan, static_cast<std::size_t>(scheduled - plan.batch.begin()), budget);
        --i;
      }
      preempt(victim, plan);
      if (victim == slot) {
        fits = false;
        break;
      }
    }
    if (!fits) break;
    schedule(s, slot, tokens, plan, budget);
    ++i;
  }
}

Slot VllmScheduler::choose_victim() const {
  if (config_.policy == QueuePolicy::fcfs) return running_.back();
  return *std::max_element(running_.begin(), running_.end(), [this](Slot a, Slot b) {
    const Request& x = sequence(a).request;
    const Request& y = sequence(b).request;
    return x.priority != y.priority ? x.priority < y.priority : x.id < y.id;
  });
}

void VllmScheduler::preempt(Slot slot, Plan& plan) {
  Sequence& s = sequence(slot);
  kv_->release(s);
  aside_ -= config_.sequence_blocks;
  s.capacity = 0;
  s.computed = 0;
  s.drafts = 0;
  s.state = SequenceState::preempted;
  ++s.preemptions;
  waiting_.push_front(slot, s.request);
  plan.preempted.push_back(slot);
}

void VllmScheduler::plan_waiting(Plan& plan, std::int64_t& budget) {
  std::vector<Slot> still_loading;
  while (has_waiting() && budget > 0 && running_count() < config_.max_num_seqs) {
    const bool from_skipped = !skipped_.empty();
    const Slot slot = from_skipped ? skipped_.front() : waiting_.head();
    const auto take_from_queue = [&] {
      if (from_skipped) {
        skipped_.erase(skipped_.begin());
      } else {
        waiting_.pop_head();
      }
    };
    if (sequence(slot).state == SequenceState::loading && !sequence(slot).loaded) {
      take_from_queue();
      still_loading.push_back(slot);
      continue;
    }
    const Entry entry = admit(slot, plan, budget);
    if (entry == Entry::no_room || entry == Entry::no_budget) {
      plan.limit = entry == Entry::no_room ? Limit::kv_capacity : Limit::token_budget;
      break;
    }
    take_from_queue();
    if (entry == Entry::loading) still_loading.push_back(slot);
  }
  skipped_.insert(skipped_.begin(), still_loading.begin(), still_loading.end());
}

VllmScheduler::Entry VllmScheduler::admit(Slot slot, Plan& plan, std::int64_t& budget) {
  Sequence& s = sequence(slot);
  std::int64_t computed = s.computed;
  std::int64_t external = 0;
  PrefixHit hit;
  if (s.state == SequenceState::loading) {
    // All tokens of the prompt are there: the last one is computed again, because something must be sampled from.
    if (computed == s.known) --computed;
  } else {
    hit = kv_->find_prefix(s, s.known - 1);
    computed = hit.blocks * config_.block_size;
    external = std::max<std::int64_t>(0, s.external_tokens - computed);
  }
  bool load_first = external > 0 || (s.gated && s.state != SequenceState::loading);
  std::int64_t tokens = load_first ? 0 : s.known - computed;
  const std::int64_t threshold = config_.long_prefill_token_threshold;
  if (threshold > 0 && tokens > threshold) {
    tokens = threshold;
    cut_by_policy_ = true;
  }
  if (!config_.enable_chunked_prefill && tokens > budget) return Entry::no_budget;
  tokens = std::min(tokens, budget);

  const std::int64_t beside = s.state == SequenceState::loading ? 0 : config_.sequence_blocks;
  const auto blocks_needed = [&](std::int64_t for_tokens) {
    return blocks_for(std::min(for_tokens, config_.max_model_len)) - s.held - hit.blocks + hit.unheld + beside;
  };
  std::int64_t available = free_blocks() - reserved_by_loads();
  if (running_count() > 0) available -= watermark_blocks_;
  if (config_.scheduler_reserve_full_isl && blocks_needed(s.known) > available) return Entry::no_room;
  if (loadable_tokens && !load_first && s.state != SequenceState::loading) {
    external = loadable_tokens(s, computed);
    load_first = external > 0;
    if (load_first) tokens = 0;
  }
  const std::int64_t lookahead = load_first ? 0 : config_.num_lookahead_tokens;
  const std::int64_t room = std::min(computed + external + tokens + lookahead, config_.max_model_len);
  if (blocks_needed(room) > available) return Entry::no_room;

  aside_ += beside;
  if (s.state != SequenceState::loading) kv_->take_prefix(s);
  if (const std::int64_t grow = blocks_for(room) - s.held; grow > 0) take_blocks(s, grow);
  s.capacity = s.held * config_.block_size;
  s.computed = computed + external;
  if (load_first) {
    s.state = SequenceState::loading;
    s.loaded = false;
    plan.loading.push_back({slot, external});
    return Entry::loading;
  }
  const bool resumed = s.preemptions > 0;
  // A cache that came from elsewhere leaves one token to compute, which runs like a decode.
  const bool prefilled = s.state == SequenceState::loading && s.known - computed == 1;
  if (s.external_tokens > 0) plan.loading.push_back({slot, 0});
  s.external_tokens = 0;
  s.state = SequenceState::running;
  s.prefill_end = prefilled ? computed : s.known;
  if (!resumed) s.cached_tokens = computed;
  s.order = ++admissions_;
  s.position = static_cast<std::int64_t>(running_.size());
  running_.push_back(slot);
  plan.admitted.push_back({slot, computed, resumed});
  s.next_full = 0;
  schedule(s, slot, tokens, plan, budget);
  return Entry::admitted;
}

void VllmScheduler::take_blocks(Sequence& s, std::int64_t blocks) {
  kv_->grow(s, blocks);
  s.capacity = s.held * config_.block_size;
}

void VllmScheduler::register_full(Sequence& s, std::int64_t tokens) {
  if (tokens >= s.next_full) kv_->register_full(s, tokens);
}

// Puts a sequence into the batch. Blocks that the cycle will fill can be hit at once, by later admissions of this same
// plan, as far as their tokens are known.
void VllmScheduler::schedule(Sequence& s, Slot slot, std::int64_t tokens, Plan& plan, std::int64_t& budget) {
  Scheduled entry;
  entry.slot = slot;
  entry.tokens = static_cast<std::int32_t>(tokens);
  entry.before = s.computed;
  entry.request = s.request.id;
  const std::int64_t after = s.computed + tokens;
  entry.samples = after >= s.known + s.placeholders;
  entry.drafts = static_cast<std::int32_t>(std::max<std::int64_t>(0, after - s.known - s.placeholders));
  register_full(s, std::min(after, s.known));
  plan.batch.push_back(entry);
  budget -= tokens;
}

void VllmScheduler::unschedule(Plan& plan, std::size_t position, std::int64_t& budget) {
  budget += plan.batch[position].tokens;
  plan.batch.erase(plan.batch.begin() + static_cast<std::ptrdiff_t>(position));
}

// The tokens of the batch count as computed from now on, before the cycle has run; that is what lets the next cycle be
// planned while this one is under way.
void VllmScheduler::book(Plan& plan) {
  bool same = plan.batch.size() == last_batch_.size();
  last_batch_.resize(plan.batch.size());
  bool unfinished_prefill = false;
  for (std::size_t i = 0; i < plan.batch.size(); ++i) {
    const Scheduled& entry = plan.batch[i];
    Sequence& s = sequence(entry.slot);
    plan.shape.add(entry.before, entry.tokens, entry.samples, entry.before >= s.prefill_end, config_.reaches);
    s.computed += entry.tokens;
    if (entry.samples && config_.async_scheduling) s.placeholders += 1 + entry.drafts;
    if (!entry.samples) unfinished_prefill = true;
    s.drafts = 0;
    same = same && last_batch_[i] == entry.request;
    last_batch_[i] = entry.request;
  }
  // A sequence whose cache came from elsewhere starts like a decode, but it starts.
  const bool decode = plan.shape.prefill_tokens == 0 && plan.admitted.empty() &&
                      plan.shape.decode_tokens == static_cast<std::int64_t>(plan.batch.size()) && !plan.batch.empty();
  plan.steady = decode && last_was_decode_ && same && plan.preempted.empty() && plan.admitted.empty();
  last_was_decode_ = decode;
  if (!plan.empty()) ++plans_;
  set_limit(plan, unfinished_prefill);
}

void VllmScheduler::set_limit(Plan& plan, bool unfinished_prefill) const {
  if (!plan.preempted.empty()) {
    plan.limit = Limit::kv_capacity;
  } else if (has_waiting() && plan.limit == Limit::no_demand) {
    plan.limit = running_count() >= config_.max_num_seqs ? Limit::max_seqs : Limit::token_budget;
  } else if (unfinished_prefill && plan.limit == Limit::no_demand) {
    plan.limit = cut_by_policy_ ? Limit::policy : Limit::token_budget;
  }
}

void VllmScheduler::result(const Plan& plan, std::int64_t cycle, Time end, CycleResult& out) {
  ++results_;
  if (grouped_) {
    result_grouped(plan, cycle, end, out);
  } else {
    bool removed = result_of(unlisted_, cycle, end, out);
    removed = result_of(plan.batch, cycle, end, out) || removed;
    unlisted_.clear();
    scattered_in_flight_ = false;
    if (removed)
      std::erase_if(running_, [this](Slot slot) { return sequence(slot).known >= sequence(slot).finish_at; });
  }
  last_cycle_ = cycle;
  last_end_ = end;
}

bool VllmScheduler::result_of(const std::vector<Scheduled>& batch, std::int64_t cycle, Time end, CycleResult& out) {
  bool removed = false;
  for (const Scheduled& entry : batch) {
    Sequence& s = sequence(entry.slot);
    // The sequence ended while this cycle was in flight: its slot in the batch was wasted.
    if (s.request.id != entry.request || s.known >= s.finish_at) continue;
    if (!entry.samples) continue;
    std::int64_t gained = 1;
    if (entry.drafts > 0) {
      const std::int32_t accepted = accepted_drafts(s);
      gained += accepted;
      const std::int64_t rejected = entry.drafts - accepted;
      if (s.computed > 0) s.computed -= rejected;
      if (s.placeholders > 0) s.placeholders -= rejected;
    }
    gained = std::min(gained, s.finish_at - s.known);
    s.known += gained;
    if (s.placeholders > 0) s.placeholders -= gained;
    s.drafts = static_cast<std::int32_t>(config_.num_speculative_tokens);
    out.tokens += gained;
    gain_token(s, cycle, end, out);
    if (s.state == SequenceState::running) register_full(s, std::min(s.computed - s.placeholders, s.known));
    if (s.known >= s.finish_at) {
      removed = true;
      finish(entry.slot, out);
    }
  }
  return removed;
}

/// Notes the moment of a new token, and the gap to the one before where that is longer than the cycle.
void VllmScheduler::gain_token(Sequence& s, std::int64_t cycle, Time end, CycleResult& out) {
  if (s.first_token == Time::never()) {
    s.first_token = end;
    s.late = late_;
  } else if (s.last_cycle == cycle - 1) {
    ++out.steady;
  } else {
    out.gaps.push_back(static_cast<Int128>((end - s.last_token).ps) << Ramp::fraction_bits);
  }
  s.last_cycle = cycle;
  s.last_token = end;
}

void VllmScheduler::finish(Slot slot, CycleResult& out) {
  Sequence& s = sequence(slot);
  out.finished.push_back(slot);
  if (s.state == SequenceState::preempted) {
    waiting_.remove(slot, s.request);
  } else if (s.request.hands_over) {
    s.state = SequenceState::leaving;
    ++leaving_;
    return;
  } else {
    aside_ -= config_.sequence_blocks;
  }
  kv_->release(s);
}

}  // namespace memwall
