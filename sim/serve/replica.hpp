// One engine at work: its cycles, their segments, and the leaps over those that do not differ.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "sim/base/ids.hpp"
#include "sim/base/ramp.hpp"
#include "sim/base/tier.hpp"
#include "sim/llm/cycle_pricer.hpp"
#include "sim/metrics/record.hpp"
#include "sim/serve/event.hpp"
#include "sim/serve/graph_padding.hpp"
#include "sim/serve/scheduler/vllm.hpp"
#include "sim/serve/source.hpp"

namespace memwall {

/// Who wants to know what happens to requests.
class EndListener {
 public:
  virtual ~EndListener() = default;
  /// `ending.when` is when its last token exists, or it was refused or given up: now, or a little later where tokens
  /// are still under way when the engine has done with them.
  virtual void ended(ReplicaId replica, const Request& request, const Ending& ending) = 0;

  // Where prefill is apart from decode:
  /// A sequence has its blocks and waits for a load of so many tokens; for 0 it runs already, or is only gated.
  virtual void loading(ReplicaId, Slot, const Sequence&, std::int64_t, Time) {}
  /// So many tokens of a request are in the cache, after a cycle that computed some of its prompt.
  virtual void prefilled(ReplicaId, const Request&, std::int64_t, Time) {}
  /// A request that hands over has ended here. Its blocks stay until `release`, unless it had lost them.
  virtual void hands_over(ReplicaId, Slot, const Sequence&, Time) {}
};

/// What all replicas of a pool share.
struct EngineSpec {
  PoolId pool;
  VllmConfig scheduler;
  GraphPadding padding;
  bool keep_block_identity = true;  ///< false: blocks are only counted, where no request can ever share one
  bool one_cycle_an_event = false;  ///< the reference mode: no leaps
  bool tell_block_growth = false;   ///< spans tell how many blocks each of their cycles uses
  bool tell_prefill = false;        ///< its listener wants to know how far prompts are
  Tier load_tier = Tier::idle;      ///< whose time it is while everybody waits for others to read or fill blocks
};

/// Totals over a replica's life that no record carries.
struct ReplicaTotals {
  std::int64_t cycles = 0;
  std::int64_t events = 0;
  std::int64_t preemptions = 0;
  std::int64_t kv_blocks_peak = 0;
  std::int64_t kv_blocks = 0;  ///< usable
  std::int64_t rejected = 0;
};

/// A replica is driven by two calls at each boundary, with whatever else happens at that instant between them:
/// `results` of the cycles that just ended, then `start` of the next. `wake` says which is due and when.
class Replica {
 public:
  Replica(ReplicaId id, const EngineSpec& spec, CyclePricer& program, Sink& sink, EndListener& listener);

  /// A request reaches the engine. Refused requests end at once; for others the engine's place is returned.
  /// So many `external` tokens of its prompt can be loaded into its blocks; see VllmScheduler::add.
  std::optional<Slot> arrive(Request request, Time now, std::int64_t external = 0, bool gated = false);
  /// The client of that request no longer wants it, and `status` says why. It ends now; the engine drops it at the next
  /// boundary of a cycle.
  void give_up(Slot slot, Time now, Status status);
  /// The same without a record.
  void drop(Slot slot, Time now);
  /// What the load of that sequence mostly waits for.
  void loads_from(Slot slot, Tier tier, const StoreTokens& tokens) {
    Sequence& sequence = scheduler_.sequence(slot);
    sequence.load_tier = tier;
    // What a request loads again after a preemption was computed or counted before.
    if (sequence.preemptions == 0) sequence.loaded_tokens = tokens;
  }
  /// Where prompts can be loaded from; see VllmScheduler::loadable_tokens.
  void set_lookup(std::function<std::int64_t(const Sequence&, std::int64_t)> lookup) {
    scheduler_.loadable_tokens = std::move(lookup);
  }
  /// The load of that sequence has finished.
  void load_finished(Slot slot, Time now);
  /// The blocks of a request that handed over have been read; the engine gets them back at the next boundary.
  void release(Slot slot, Time now);
  void results(Time now);
  void start(Time now);

  /// The next call that is due; nothing while the replica is idle.
  [[nodiscard]] std::optional<EventKey> wake() const { return wake_; }
  /// Ends the accounting at `end`, the end of the run: an idle replica was idle until then.
  void close(Time end);
  [[nodiscard]] ReplicaId id() const { return id_; }
  [[nodiscard]] const ReplicaTotals& totals() const { return totals_; }
  [[nodiscard]] const VllmScheduler& scheduler() const { return scheduler_; }

 private:
  void plan(Plan& plan, Time now);
  void open_segment(Time now);
  void close_segment();
  void note_growth();
  void report_cycles(std::int64_t steady_first);
  [[nodiscard]] RequestRecord record_of(const Request& request) const;
  void report_request(Slot slot, Time when, Status status, std::int64_t output_tokens);
  void report_end(Slot slot, Time now);
  [[nodiscard]] std::int64_t tokens_seen(Slot slot, Time now) const;
  void cut_leap(Time now);
  void see_outside(Time now);
  void take_back(Time now);
  void report_idle(Time now);
  void end_requests(Time now);
  [[nodiscard]] std::uint64_t plan_change() const;

  ReplicaId id_;
  EngineSpec spec_;
  CyclePricer& program_;
  Sink& sink_;
  EndListener& listener_;
  VllmScheduler scheduler_;

  Plan executing_;  ///< of the leap that is under way; empty between cycles
  Plan next_;       ///< already planned for the cycle after it (asynchronous scheduling)

  // The open segment and the leap inside it.
  SegmentClock clock_;
  TierRamps ramps_;
  Ramp lateness_;                     ///< from the end of its cycles until the last of their tokens exist
  Ramp latency_;                      ///< from their start until then
  std::int64_t segment_first_ = 0;    ///< number of its first cycle
  std::int64_t segment_cycles_ = 0;   ///< that have ended
  std::int64_t segment_horizon_ = 0;  ///< cycles for which its price holds
  std::uint64_t segment_change_ = 0;  ///< hash of what its plan changed
  bool segment_open_ = false;
  BlockGrowth growth_;               ///< of its blocks, where somebody wants to know
  std::int64_t leap_ = 0;            ///< cycles under way, from `segment_cycles_` on
  std::int64_t leap_kv_blocks_ = 0;  ///< in use when it started

  std::vector<Slot> given_up_;  ///< reported already; the engine drops them at the next boundary
  std::vector<Slot> released_;  ///< blocks that were read; the engine gets them back at the next boundary
  std::optional<EventKey> wake_;
  Time idle_since_;
  Tier idle_tier_ = Tier::idle;  ///< what it waits for while it does nothing
  CycleResult result_;
  ReplicaTotals totals_;
};

}  // namespace memwall
