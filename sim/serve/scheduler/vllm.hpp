// vLLM's V1 scheduler, exact: one budget loop over running and waiting sequences, block by block.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "sim/base/ramp.hpp"
#include "sim/serve/kv/kv_cache.hpp"
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
class VllmScheduler {
 public:
  VllmScheduler(const VllmConfig& config, std::unique_ptr<KvCache> kv);

  /// Why a request can never run here; empty when it can.
  [[nodiscard]] std::string refusal(const Request& request) const;

  /// Puts a request into the waiting queue. `external_tokens` of its prompt can be loaded by a connector while others
  /// run.
  Slot add(Request request, std::int64_t external_tokens = 0);
  /// The asynchronous load of that sequence has finished.
  void load_finished(Slot slot) { sequence(slot).loaded = true; }

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

  /// Releases the slot of a finished sequence.
  void forget(Slot slot);

  /// How many drafts of a sequence's cycle the target accepts; needed with speculation only.
  std::function<std::int32_t(const Sequence&)> accepted_drafts;

  [[nodiscard]] Sequence& sequence(Slot slot) { return *sequences_[static_cast<std::size_t>(slot)]; }
  [[nodiscard]] const Sequence& sequence(Slot slot) const { return *sequences_[static_cast<std::size_t>(slot)]; }
  [[nodiscard]] const KvCache& kv() const { return *kv_; }
  [[nodiscard]] const VllmConfig& config() const { return config_; }
  [[nodiscard]] const std::vector<Slot>& running() const { return running_; }
  [[nodiscard]] bool has_waiting() const { return !waiting_.empty() || !skipped_.empty(); }
  [[nodiscard]] bool idle() const { return running_.empty() && !has_waiting(); }
  /// True when one more waiting request cannot change any plan before a running sequence ends: something already waits
  /// in front of it and the order is first come first served.
  [[nodiscard]] bool newcomer_is_inert() const {
    return config_.policy == QueuePolicy::fcfs && !waiting_.empty() && skipped_.empty();
  }
  /// Tokens in the cache of all running sequences.
  [[nodiscard]] std::int64_t cached_tokens() const;
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
  void take_blocks(Sequence& sequence, std::int64_t blocks);
  void register_full(Sequence& sequence, std::int64_t tokens);
  void book(Plan& plan);
  void take_blocks_in_order(const Plan& executing, std::int64_t plans);
  void finish(Slot slot, CycleResult& out);
  [[nodiscard]] std::int64_t cycles_until_blocks_run_out(const Plan& plan) const;

  VllmConfig config_;
  std::unique_ptr<KvCache> kv_;
  std::vector<std::unique_ptr<Sequence>> sequences_;  ///< by slot
  std::vector<Slot> unused_;
  std::vector<Slot> running_;
  WaitingQueue waiting_;
  std::vector<Slot> skipped_;          ///< wait for a load; looked at before `waiting_`
  std::vector<RequestId> last_batch_;  ///< of the last plan, to see whether the next one is the same advanced by one
  bool last_was_decode_ = false;
  std::int64_t watermark_blocks_ = 0;
  bool cut_by_policy_ = false;  ///< while planning: a sequence got less than it could take, by policy
};

}  // namespace memwall
