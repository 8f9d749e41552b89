// vLLM's V1 scheduler, exact: one budget loop over running and waiting sequences, block by block.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "sim/base/ramp.hpp"
#include "sim/serve/kv/kv_cache.hpp"
#include "sim/serve/scheduler/decode_group.hpp"
#include "sim/serve/scheduler/plan.hpp"
#include "sim/serve/scheduler/vllm_config.hpp"
#include "sim/serve/scheduler/waiting_queue.hpp"
#include "sim/serve/sequence.hpp"

namespace memwall {

/// What the result of cycles brought.
struct CycleResult {
  std::vector<Slot> finished;  ///< in batch order; their blocks are free again, their slots wait for `forget`
  std::vector<Int128> gaps;    ///< token gaps that are longer than the cycle, 2^-24 ps
  std::int64_t steady = 0;     ///< sequences that got a token in this cycle and in the one before
  std::int64_t tokens = 0;     ///< generated

  void clear() {
    finished.clear();
    gaps.clear();
    steady = 0;
    tokens = 0;
  }
};

/// Queues, running list and KV cache of one engine. There is no prefill phase and no decode phase: every cycle tries to
/// close the gap between computed and known tokens of as many sequences as the token budget allows.
/// Source of the rules: vLLM V1 `scheduler.py`, `async_scheduler.py`, `kv_cache_manager.py`; golden cases G1 to G10.
///
/// There are two ways of planning with one outcome. The plain way looks at every running sequence in every cycle, as
/// the engine does: it is the specification. The grouped way keeps the sequences that decode in step in a DecodeGroup
/// and does work for what changes only; where something irregular is due (a block that is not there, a preemption) it
/// goes back to the plain way. Tests hold the two to the same cycles and records.
class VllmScheduler {
 public:
  /// With `may_group` the grouped way is used wherever it can be.
  VllmScheduler(const VllmConfig& config, std::unique_ptr<KvCache> kv, bool may_group = false);

  /// Why a request can never run here; empty when it can.
  [[nodiscard]] std::string refusal(const Request& request) const;

  /// Puts a request into the waiting queue. `external_tokens` of its prompt can be loaded by a connector while others
  /// run; with `gated` it waits for `load_finished` in any case.
  Slot add(Request request, std::int64_t external_tokens = 0, bool gated = false);
  /// The asynchronous load of that sequence has finished. What was loaded once is computed after a preemption.
  void load_finished(Slot slot) {
    sequence(slot).loaded = true;
    sequence(slot).external_tokens = 0;
    sequence(slot).gated = false;
  }
  /// Gives back the blocks of a sequence that has ended and whose cache another engine has read. Its slot waits for
  /// `forget`.
  void release_cache(Slot slot);
  /// Something outside must happen before what waits can run: a load, or a reader of blocks that were left for it.
  [[nodiscard]] bool waits_for_outside() const { return leaving_ > 0 || loads() > 0; }
  /// What the first of the sequences that load waits for; `idle` where none does.
  [[nodiscard]] Tier waits_on() const;
  /// Sequences whose loads are under way.
  [[nodiscard]] std::int64_t loads() const;

  /// One call of the scheduler: decides the next cycle and books it at once.
  void plan(Plan& plan);

  /// The result of a planned cycle, in the order in which the cycles were planned. `cycle` is its number, `end` the
  /// moment at which its tokens exist.
  void result(const Plan& plan, std::int64_t cycle, Time end, CycleResult& out);

  /// For how many cycles from `executing` on every plan is its predecessor advanced by one and no result ends a
  /// sequence before the last: at least 1. `next` is the plan already made for the following cycle (asynchronous
  /// scheduling), or null.
  [[nodiscard]] std::int64_t steady_cycles(const Plan& executing, const Plan* next) const;

  /// Books `count` results and `count` plans of a steady run at once: those of the boundaries inside a leap. `first` is
  /// the number of the leap's first cycle, `first_end` its end and `last_end` the end of cycle first + count - 1.
  void advance(const Plan& executing, std::int64_t count, std::int64_t first, Time first_end, Time last_end,
               CycleResult& out);

  /// First tokens of the results that come next exist so long after the end of their cycle. A sequence keeps the
  /// distance for all its tokens, because its next token sets out when it has the last one.
  void set_lateness(Duration late) { late_ = late; }

  /// Tokens that the sequence has gained with the results read so far.
  [[nodiscard]] std::int64_t generated(Slot slot) const;

  /// Takes out a sequence that has not ended, between a result and the next plan. Cycles already planned still run its
  /// part, for nothing. Its slot waits for `forget`.
  void abort(Slot slot);

  /// Counts anew how far attention reaches in the last plan that was made, after `advance` has moved it.
  void recount_reaches(Plan& plan) const;

  /// Releases the slot of a finished or aborted sequence.
  void forget(Slot slot);

  /// How many tokens behind the first `computed` ones of a prompt a connector can load now; empty where there is none.
  /// Its answer may only change what an admission does, never whether there is room for one: both
  /// `scheduler_reserve_full_isl` and `enable_chunked_prefill` must be set.
  std::function<std::int64_t(const Sequence&, std::int64_t computed)> loadable_tokens;

  /// How many drafts of a sequence's cycle the target accepts; needed with speculation only.
  std::function<std::int32_t(const Sequence&)> accepted_drafts;

  [[nodiscard]] Sequence& sequence(Slot slot) { return *sequences_[static_cast<std::size_t>(slot)]; }
  [[nodiscard]] const Sequence& sequence(Slot slot) const { return *sequences_[static_cast<std::size_t>(slot)]; }
  [[nodiscard]] const KvCache& kv() const { return *kv_; }
  [[nodiscard]] const VllmConfig& config() const { return config_; }
  /// Blocks that running sequences keep from each other: those that they hold and what they take beside them.
  [[nodiscard]] std::int64_t blocks_in_use() const { return kv_->capacity() - free_blocks(); }
  /// In order of admission. Not to be asked of a scheduler that groups.
  [[nodiscard]] const std::vector<Slot>& running() const { return running_; }
  [[nodiscard]] bool has_waiting() const { return !waiting_.empty() || !skipped_.empty(); }
  [[nodiscard]] bool idle() const { return running_count() == 0 && !has_waiting(); }
  /// True when one more waiting request cannot change any plan before a running sequence ends: something already waits
  /// in front of it and the order is first come first served.
  [[nodiscard]] bool newcomer_is_inert() const {
    return config_.policy == QueuePolicy::fcfs && !waiting_.empty() && skipped_.empty();
  }
  /// The waiting queue from head to tail, sequences that wait for a load first.
  [[nodiscard]] std::vector<Slot> queue() const;

 private:
  enum class Entry : std::uint8_t { admitted, loading, no_room, no_budget };

  void plan_running(Plan& plan, std::int64_t& budget);
  void plan_waiting(Plan& plan, std::int64_t& budget);
  Entry admit(Slot slot, Plan& plan, std::int64_t& budget);
  void schedule(Sequence& sequence, Slot slot, std::int64_t tokens, Plan& plan, std::int64_t& budget);
  void unschedule(Plan& plan, std::size_t position, std::int64_t& budget);
  void preempt(Slot slot, Plan& plan);
  [[nodiscard]] Slot choose_victim() const;
  [[nodiscard]] std::int64_t blocks_for(std::int64_t tokens) const;
  [[nodiscard]] std::int64_t reserved_by_loads() const;
  [[nodiscard]] std::int64_t free_blocks() const { return kv_->free() - aside_; }
  void take_blocks(Sequence& sequence, std::int64_t blocks);
  void register_full(Sequence& sequence, std::int64_t tokens);
  void book(Plan& plan);
  bool result_of(const std::vector<Scheduled>& batch, std::int64_t cycle, Time end, CycleResult& out);
  void set_limit(Plan& plan, bool unfinished_prefill) const;
  [[nodiscard]] std::int64_t running_count() const { return static_cast<std::int64_t>(running_.size()) - gone_; }

  // The grouped way (vllm_grouped.cpp).
  [[nodiscard]] bool can_gather() const;
  void gather();
  void scatter();
  [[nodiscard]] bool plan_grouped(Plan& plan);
  void join_group(Sequence& sequence, Slot slot, std::int64_t plan, std::int64_t pending);
  void result_grouped(const Plan& plan, std::int64_t cycle, Time end, CycleResult& out);
  void finish_grouped(const DecodeGroup::Member& member, CycleResult& out);
  void gain_token(Sequence& sequence, std::int64_t cycle, Time end, CycleResult& out);
  void leave_running(Sequence& sequence);
  void compact_running();
  void take_blocks_in_order(const Plan& executing, std::int64_t plans);
  void finish(Slot slot, CycleResult& out);
  [[nodiscard]] std::int64_t steady_cycles_grouped(const Plan& executing, const Plan* next) const;
  [[nodiscard]] std::int64_t cycles_until_blocks_run_out(const Plan& plan) const;

  VllmConfig config_;
  std::unique_ptr<KvCache> kv_;
  std::vector<std::unique_ptr<Sequence>> sequences_;  ///< by slot
  std::vector<Slot> unused_;
  std::vector<Slot> running_;  ///< in order of admission; -1 where somebody has gone
  WaitingQueue waiting_;
  std::vector<Slot> skipped_;          ///< wait for a load; looked at before `waiting_`
  std::vector<RequestId> last_batch_;  ///< of the last plan, to see whether the next one is the same advanced by one
  bool last_was_decode_ = false;
  std::int64_t admissions_ = 0;
  std::int64_t leaving_ = 0;  ///< sequences that have ended and keep their blocks

  Duration late_;           ///< of first tokens, behind the end of their cycle
  std::int64_t aside_ = 0;  ///< blocks that admitted sequences take for constant states and full windows
  std::int64_t watermark_blocks_;
  bool may_group_;
  bool grouped_ = false;        ///< whether the running sequences that decode are in the group
  bool group_changed_ = false;  ///< since the last plan
  DecodeGroup group_;
  std::vector<Slot> prefilling_;      ///< running sequences that are not in the group
  bool scattered_in_flight_ = false;  ///< the group was dissolved while a plan of it was in flight
  std::vector<Scheduled> unlisted_;   ///< the decoders of that plan who have not ended
  std::int64_t gone_ = 0;             ///< entries of running_ that are -1
  std::int64_t plans_ = 0;            ///< made, empty ones left out
  std::int64_t results_ = 0;          ///< read
  std::int64_t wasted_ = 0;           ///< decoders of the plan in flight that have ended meanwhile
  std::int64_t last_cycle_ = -2;      ///< of the last result
  Time last_end_;                     ///< of that cycle
  bool cut_by_policy_ = false;        ///< while planning: a sequence got less than it could take, by policy
};

}  // namespace memwall
