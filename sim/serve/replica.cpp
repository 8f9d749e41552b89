#include "sim/serve/replica.hpp"

#include <algorithm>

#include "sim/base/hash.hpp"
#include "sim/serve/kv/block_pool.hpp"
#include "sim/serve/kv/counted_blocks.hpp"
#include "sim/serve/kv/extent_pool.hpp"

namespace memwall {
namespace {

std::unique_ptr<KvCache> make_cache(const EngineSpec& spec) {
  const VllmConfig& c = spec.scheduler;
  if (!spec.keep_block_identity)
    return std::make_unique<CountedBlocks>(c.num_blocks, c.block_size, c.enable_prefix_caching);
  if (spec.one_cycle_an_event) return std::make_unique<BlockPool>(c.num_blocks, c.block_size, c.enable_prefix_caching);
  return std::make_unique<ExtentPool>(c.num_blocks, c.block_size, c.enable_prefix_caching);
}

/// Writes the price in fixed point into `ramps`, which held another one.
void to_fixed_point(const Cost& cost, TierRamps& ramps) {
  for_each_tier(ramps.used, [&](Tier tier) { ramps.critical[tier] = ramps.busy[tier] = ramps.joules[tier] = {}; });
  ramps.used = 0;
  ramps.spending = 0;
  cost.each_used([&](std::size_t i) {
    ramps.critical.at[i] = {Ramp::fixed(cost.critical.at[i].value), Ramp::fixed(cost.critical.at[i].slope)};
    // Most tiers hide nothing: then both are the same line, and one conversion serves.
    const bool same =
        cost.busy.at[i].value == cost.critical.at[i].value && cost.busy.at[i].slope == cost.critical.at[i].slope;
    ramps.busy.at[i] =
        same ? ramps.critical.at[i] : Ramp{Ramp::fixed(cost.busy.at[i].value), Ramp::fixed(cost.busy.at[i].slope)};
    ramps.used |= TierSet{1} << i;
    if (cost.joules.at[i].value == 0 && cost.joules.at[i].slope == 0) return;
    ramps.joules.at[i] = {Ramp::fixed(cost.joules.at[i].value), Ramp::fixed(cost.joules.at[i].slope)};
    ramps.spending |= TierSet{1} << i;
  });
}

}  // namespace

Replica::Replica(ReplicaId id, const EngineSpec& spec, CyclePricer& program, Sink& sink, EndListener& listener)
    : id_(id),
      spec_(spec),
      program_(program),
      sink_(sink),
      listener_(listener),
      scheduler_(spec.scheduler, make_cache(spec), !spec.one_cycle_an_event && !spec.tell_block_growth) {
  totals_.kv_blocks = scheduler_.kv().capacity();
}

std::optional<Slot> Replica::arrive(Request request, Time now, std::int64_t external, bool gated) {
  if (!scheduler_.refusal(request).empty()) {
    RequestRecord record = record_of(request);
    record.finish = now;
    record.status = Status::rejected;
    ++totals_.rejected;
    sink_.request(record);
    listener_.ended(id_, request, {now, Status::rejected, 0});
    return std::nullopt;
  }
  const bool inert = scheduler_.newcomer_is_inert();
  const Slot slot = scheduler_.add(std::move(request), external, gated);
  if (leap_ == 0) {
    // Between a result and the next start, or idle: the start that is due at this instant will see it.
    if (!wake_) wake_ = EventKey{now, Rank::start};
  } else if (!inert) {
    cut_leap(now);
  }
  return slot;
}

void Replica::give_up(Slot slot, Time now, Status status) {
  report_request(slot, now, status, tokens_seen(slot, now));
  drop(slot, now);
}

void Replica::drop(Slot slot, Time now) {
  given_up_.push_back(slot);
  if (leap_ == 0) {
    end_requests(now);
  } else {
    cut_leap(now);
  }
}

void Replica::load_finished(Slot slot, Time now) {
  scheduler_.load_finished(slot);
  see_outside(now);
}

void Replica::release(Slot slot, Time now) {
  released_.push_back(slot);
  if (leap_ == 0) take_back(now);
  see_outside(now);
}

// Something has changed that the next plan must see.
void Replica::see_outside(Time now) {
  if (leap_ > 0) {
    cut_leap(now);
  } else if (!wake_ && scheduler_.has_waiting()) {
    wake_ = EventKey{now, Rank::start};
  }
}

void Replica::take_back(Time) {
  for (const Slot slot : released_) {
    scheduler_.release_cache(slot);
    scheduler_.forget(slot);
  }
  released_.clear();
}

std::int64_t Replica::tokens_seen(Slot slot, Time now) const {
  const Sequence& s = scheduler_.sequence(slot);
  std::int64_t tokens = scheduler_.generated(slot);
  if (s.state != SequenceState::running) return tokens;
  // Inside a leap everybody who runs has gained a token with every boundary that has passed.
  const std::int64_t passed = clock_.passed(now, segment_cycles_ + leap_);
  if (leap_ > 1) tokens += passed - segment_cycles_;
  // The newest one may still be under way.
  if (tokens > 0 && clock_.boundary(passed) + s.late > now) --tokens;
  return tokens;
}

// The plan made at the first boundary from now on sees what has happened; the leap ends there. If that plan turns out
// to be the same advanced by one, the segment simply goes on.
void Replica::cut_leap(Time now) {
  if (leap_ <= 1) return;
  const std::int64_t boundary = clock_.first_boundary_at_or_after(now, segment_cycles_ + leap_);
  leap_ = std::max<std::int64_t>(1, boundary - segment_cycles_);
  wake_ = EventKey{clock_.boundary(segment_cycles_ + leap_), Rank::result};
}

void Replica::plan(Plan& plan, Time now) {
  scheduler_.plan(plan);
  plan.shape.padded = spec_.padding.rows(plan.shape.tokens);
  totals_.preemptions += static_cast<std::int64_t>(plan.preempted.size());
  for (const Admission& admission : plan.admitted) {
    Sequence& s = scheduler_.sequence(admission.slot);
    if (!admission.resumed) s.first_scheduled = now;
  }
  for (const Loading& load : plan.loading)
    listener_.loading(id_, load.slot, scheduler_.sequence(load.slot), load.tokens, now);
}

void Replica::results(Time now) {
  ++totals_.events;
  const std::int64_t first = segment_first_ + segment_cycles_;
  const std::int64_t last = first + leap_ - 1;
  result_.clear();
  scheduler_.set_lateness({whole_ps(lateness_.at(segment_cycles_))});
  if (leap_ > 1) {
    const Time first_end = clock_.boundary(segment_cycles_ + 1);
    const Time before_last = clock_.boundary(segment_cycles_ + leap_ - 1);
    scheduler_.advance(executing_, leap_ - 1, first, first_end, before_last, result_);
    next_.shape = next_.shape.advanced(leap_ - 1);
    if (!next_.empty()) scheduler_.recount_reaches(next_);
  }
  const std::int64_t steady_first = result_.steady;
  if (spec_.tell_prefill) {
    for (const Scheduled& entry : executing_.batch) {
      const Request& request = scheduler_.sequence(entry.slot).request;
      if (request.id == entry.request && entry.before < request.input_tokens)
        listener_.prefilled(id_, request, entry.before + entry.tokens, now);
    }
  }
  scheduler_.set_lateness({whole_ps(lateness_.at(segment_cycles_ + leap_ - 1))});
  scheduler_.result(executing_, last, now, result_);
  report_cycles(leap_ > 1 ? steady_first : result_.steady);
  for (const Int128 gap : result_.gaps) sink_.token_gap(id_, gap);

  totals_.kv_blocks_peak = std::max(totals_.kv_blocks_peak, leap_kv_blocks_);
  totals_.cycles += leap_;
  segment_cycles_ += leap_;
  leap_ = 0;
  executing_.clear();
  wake_ = EventKey{now, Rank::start};
  end_requests(now);
}

// Requests whose client gave up meanwhile are dropped; where they have come to their end all the same, nobody waits for
// it any more.
void Replica::end_requests(Time now) {
  for (const Slot slot : result_.finished) {
    if (scheduler_.sequence(slot).request.hands_over &&
        std::find(given_up_.begin(), given_up_.end(), slot) == given_up_.end()) {
      const bool keeps = scheduler_.sequence(slot).state == SequenceState::leaving;
      listener_.hands_over(id_, slot, scheduler_.sequence(slot), now);
      if (!keeps) scheduler_.forget(slot);
      continue;
    }
    if (scheduler_.sequence(slot).state == SequenceState::leaving) continue;  // dropped below, with its blocks
    if (std::erase(given_up_, slot) == 0) report_end(slot, now);
    scheduler_.forget(slot);
  }
  result_.finished.clear();
  take_back(now);
  for (const Slot slot : given_up_) {
    scheduler_.abort(slot);
    scheduler_.forget(slot);
  }
  given_up_.clear();
}

void Replica::start(Time now) {
  wake_.reset();
  std::swap(executing_, next_);
  next_.clear();
  if (executing_.empty()) plan(executing_, now);
  // A plan that did nothing but preempt takes no device time; the next call finds the room that it made.
  if (executing_.empty() && !executing_.preempted.empty()) plan(executing_, now);
  report_idle(now);
  if (executing_.empty()) {
    law(scheduler_.idle() || scheduler_.waits_for_outside(),
        "an engine with work and nothing in flight must be able to run some of it");
    close_segment();
    idle_since_ = now;
    const Tier loading = scheduler_.waits_on();
    idle_tier_ = !scheduler_.has_waiting() ? Tier::idle : loading != Tier::idle ? loading : spec_.load_tier;
    return;
  }

  const bool goes_on = segment_open_ && executing_.steady && segment_cycles_ < segment_horizon_;
  if (!goes_on) open_segment(now);
  if (spec_.scheduler.async_scheduling) plan(next_, now);
  if (!goes_on && spec_.tell_block_growth) note_growth();
  leap_kv_blocks_ = scheduler_.blocks_in_use();

  leap_ = 1;
  if (!spec_.one_cycle_an_event) {
    const std::int64_t steady =
        scheduler_.steady_cycles(executing_, spec_.scheduler.async_scheduling ? &next_ : nullptr);
    leap_ = std::max<std::int64_t>(1, std::min(steady, segment_horizon_ - segment_cycles_));
  }
  wake_ = EventKey{clock_.boundary(segment_cycles_ + leap_), Rank::result};
}

void Replica::report_idle(Time now) {
  if (segment_open_ || idle_since_ >= now) return;
  sink_.idle({spec_.pool, id_, idle_since_, now, idle_tier_});
  idle_since_ = now;
}

void Replica::open_segment(Time now) {
  const std::int64_t first = segment_first_ + segment_cycles_;
  close_segment();
  const Cost& cost = program_.price(executing_.shape);
  to_fixed_point(cost, ramps_);
  clock_ = {now, ramps_.duration()};
  const Affine late = program_.lateness(executing_.shape);
  lateness_ = {Ramp::fixed(late.value), Ramp::fixed(late.slope)};
  latency_ = clock_.length + lateness_;
  segment_first_ = first;
  segment_cycles_ = 0;
  segment_horizon_ = cost.horizon;
  segment_change_ = plan_change();
  segment_open_ = true;
}

void Replica::note_growth() {
  growth_.sequences_by_room.assign(static_cast<std::size_t>(spec_.scheduler.block_size), 0);
  if (executing_.shape.phase() != Phase::decode) return;
  for (const Scheduled& entry : executing_.batch) {
    const Sequence& s = scheduler_.sequence(entry.slot);
    const std::int64_t room = s.capacity - s.computed;
    if (room >= 0 && room < spec_.scheduler.block_size) ++growth_.sequences_by_room[static_cast<std::size_t>(room)];
  }
}

void Replica::close_segment() {
  if (!segment_open_) return;
  sink_.segment(id_, segment_first_, segment_cycles_, ramps_, segment_change_);
  segment_first_ += segment_cycles_;
  segment_cycles_ = 0;
  segment_open_ = false;
}

// What makes this plan differ from its predecessor, so that two runs with equal digests did the same work for the same
// requests.
std::uint64_t Replica::plan_change() const {
  const auto request_word = [this](Slot slot) {
    return static_cast<std::uint64_t>(scheduler_.sequence(slot).request.id.value);
  };
  const BatchShape& shape = executing_.shape;
  Hasher hash;
  for (const std::int64_t count :
       {shape.tokens, shape.padded, shape.sampled, shape.decode_sequences, shape.decode_context, shape.prefill_tokens,
        shape.prefill_pairs, shape.prefill_context}) {
    hash.add(static_cast<std::uint64_t>(count));
  }
  for (const Admission& admission : executing_.admitted) {
    hash.add(request_word(admission.slot)).add(static_cast<std::uint64_t>(admission.computed));
  }
  for (const Slot slot : executing_.preempted) hash.add(request_word(slot));
  return hash.value();
}

void Replica::report_cycles(std::int64_t steady_first) {
  CycleSpan span;
  span.pool = spec_.pool;
  span.replica = id_;
  span.first_cycle = segment_first_ + segment_cycles_;
  span.cycles = leap_;
  span.clock = clock_;
  span.offset = segment_cycles_;
  span.ramps = &ramps_;
  span.prefill_tokens = executing_.shape.prefill_tokens;
  span.decode_tokens = executing_.shape.decode_tokens;
  span.padded_tokens = executing_.shape.padded;
  span.sequences = executing_.sequences();
  span.kv_tokens = executing_.shape.decode_context + executing_.shape.prefill_context;
  span.kv_blocks = leap_kv_blocks_;
  span.limit = executing_.limit;
  span.phase = executing_.shape.phase();
  span.steady_tokens = steady_first;
  if (lateness_ != Ramp{}) span.latency = &latency_;
  if (spec_.tell_block_growth && leap_ > 1) span.growth = &growth_;
  if (leap_ > 1 && steady_first != span.sequences) {
    // Somebody had no token in the cycle before: the first cycle is told apart from those after it.
    span.cycles = 1;
    sink_.cycles(span);
    span.cycles = leap_ - 1;
    span.first_cycle += 1;
    span.offset += 1;
    span.kv_tokens += span.decode_tokens;
    if (span.growth != nullptr) span.kv_blocks += growth_.blocks(span.offset) - growth_.blocks(span.offset - 1);
  }
  if (leap_ > 1) span.steady_tokens = span.sequences;
  sink_.cycles(span);
}

RequestRecord Replica::record_of(const Request& request) const {
  RequestRecord record;
  record.id = request.id;
  record.pool = spec_.pool;
  record.replica = id_;
  record.arrival = request.arrival;
  record.input_tokens = request.input_tokens;
  record.workload = request.workload;
  record.session = request.session;
  record.labels = request.labels;
  return record;
}

// Its last token exists a little after the engine has done with it; a client whose patience ends between the two does
// not see it.
void Replica::report_end(Slot slot, Time now) {
  const Sequence& s = scheduler_.sequence(slot);
  const Time finish = now + s.late;
  if (finish > s.request.gives_up) {
    report_request(slot, s.request.gives_up, Status::timed_out, s.generated() - 1);
  } else {
    report_request(slot, finish, Status::completed, s.generated());
  }
}

void Replica::report_request(Slot slot, Time when, Status status, std::int64_t output_tokens) {
  const Sequence& s = scheduler_.sequence(slot);
  RequestRecord record = record_of(s.request);
  record.first_scheduled = s.first_scheduled;
  if (output_tokens > 0) record.first_token = s.first_token + s.late;
  record.finish = when;
  record.cached_tokens = s.cached_tokens;
  record.loaded_tokens = s.loaded_tokens;
  record.output_tokens = output_tokens;
  record.preemptions = s.preemptions;
  record.status = status;
  sink_.request(record);
  listener_.ended(id_, s.request, {when, status, output_tokens});
}

void Replica::close(Time end) {
  close_segment();
  if (!wake_) report_idle(end);
}

}  // namespace memwall
