// What happened: the records that sinks are told after the fact. They change nothing.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/base/ids.hpp"
#include "sim/base/labels.hpp"
#include "sim/base/ramp.hpp"
#include "sim/base/store_tokens.hpp"
#include "sim/base/tier.hpp"
#include "sim/base/time.hpp"

namespace memwall {

/// A set of tiers: bit i stands for the tier at position i.
using TierSet = std::uint32_t;
inline constexpr TierSet all_tiers = (TierSet{1} << tier_count) - 1;

/// Calls `visit(Tier)` for each member, in tier order.
template <class Visit>
inline void for_each_tier(TierSet tiers, Visit visit) {
  for (; tiers != 0; tiers &= tiers - 1) visit(tier_at(static_cast<std::size_t>(std::countr_zero(tiers))));
}

/// Critical and busy time of successive cycles, by tier. The critical ramps add up to the duration exactly.
struct TierRamps {
  TierArray<Ramp> critical;
  TierArray<Ramp> busy;
  /// Energy of the work on one device, its mean where they differ; in 2^-24 picojoules.
  TierArray<Ramp> joules;
  /// Tiers with energy. A set that is too large costs time and changes nothing.
  TierSet spending = 0;
  /// Tiers that may have time; the ramps of all others are zero. A set that is too large costs time and changes
  /// nothing.
  TierSet used = all_tiers;

  /// Narrows `used` to the tiers that have time, so that listeners look at a handful of tiers instead of all.
  void find_used() {
    used = 0;
    for (std::size_t i = 0; i < tier_count; ++i) {
      const Ramp& c = critical.at[i];
      const Ramp& b = busy.at[i];
      if ((c.first | c.step | b.first | b.step) != 0) used |= TierSet{1} << i;
    }
  }

  [[nodiscard]] Ramp duration() const {
    Ramp sum;
    for_each_tier(used, [&](Tier tier) { sum = sum + critical[tier]; });
    return sum;
  }
};

/// How the blocks of a batch grow while each decoding sequence gains a token a cycle.
struct BlockGrowth {
  /// sequences_by_room[r]: decoding sequences with r free slots in their last block at the segment's first cycle, for r
  /// from 0 to block size - 1. The size of the list is the block size.
  std::vector<std::int64_t> sequences_by_room;

  /// Blocks taken between the segment's first cycle and its cycle k. O(block size).
  [[nodiscard]] std::int64_t blocks(std::int64_t k) const {
    const auto size = static_cast<std::int64_t>(sequences_by_room.size());
    if (size == 0) return 0;
    // A sequence with that much room takes ceil((k - room) / size) blocks: one for each full round of k, and one more
    // where the rest of k exceeds its room.
    std::int64_t sequences = 0;
    std::int64_t extra = 0;
    for (std::int64_t room = 0; room < size; ++room) {
      const std::int64_t here = sequences_by_room[static_cast<std::size_t>(room)];
      sequences += here;
      if (room < k % size) extra += here;
    }
    return sequences * (k / size) + extra;
  }
};

/// A run of cycles of one replica with one plan and one price piece. Counts are per cycle; they do not change within
/// it, except that every decoding sequence's context grows by one token a cycle.
struct CycleSpan {
  PoolId pool;
  ReplicaId replica;
  std::int32_t lane = 0;         ///< batch in flight, 0 where there is one
  std::int64_t first_cycle = 0;  ///< of this span, counted from the replica's first cycle
  std::int64_t cycles = 0;
  SegmentClock clock;                ///< origin = start of the *segment*; this span starts at its cycle `offset`
  std::int64_t offset = 0;           ///< cycles of the segment before this span
  const TierRamps* ramps = nullptr;  ///< of the segment, counted from its first cycle
  std::int64_t prefill_tokens = 0;   ///< per cycle
  std::int64_t decode_tokens = 0;    ///< per cycle
  std::int64_t padded_tokens = 0;    ///< rows that the kernels run per cycle, padding included
  std::int64_t sequences = 0;        ///< in the batch
  std::int64_t kv_tokens = 0;        ///< tokens in the cache at the span's first cycle, all running sequences
  std::int64_t kv_blocks = 0;        ///< blocks in use at the span's first cycle
  std::int64_t steady_tokens = 0;    ///< per cycle: sequences that gain a token in this cycle and did in the one before
  Limit limit = Limit::no_demand;
  Phase phase = Phase::decode;
  /// Of the segment: from a cycle's start until its tokens exist. nullptr: the cycle's length.
  const Ramp* latency = nullptr;
  /// Of the segment: from one token of a steady sequence to its next. nullptr: the cycle's length. Differs where
  /// several batches are in flight.
  const Ramp* gap = nullptr;
  /// Of the segment. nullptr: `kv_blocks` holds for every cycle of the span.
  const BlockGrowth* growth = nullptr;

  /// Tokens in the cache at the span's cycle j: what a cycle computes, the next one finds in the cache.
  [[nodiscard]] std::int64_t kv_tokens_at(std::int64_t j) const {
    return kv_tokens + j * (prefill_tokens + decode_tokens);
  }
  /// Blocks in use at the span's cycle j.
  [[nodiscard]] std::int64_t kv_blocks_at(std::int64_t j) const {
    return growth == nullptr || j == 0 ? kv_blocks : kv_blocks + growth->blocks(offset + j) - growth->blocks(offset);
  }
  [[nodiscard]] Time begin() const { return clock.boundary(offset); }
  [[nodiscard]] Time end() const { return clock.boundary(offset + cycles); }
};

/// A replica that does nothing.
struct IdleSpan {
  PoolId pool;
  ReplicaId replica;
  Time begin;
  Time end;
  Tier waits_for = Tier::idle;  ///< other than `idle`: there are requests, and all of them wait for this
};

enum class Status : std::uint8_t { completed, rejected, failed, aborted, timed_out, unfinished };

inline constexpr std::array<std::string_view, 6> status_names = {"completed", "rejected",  "failed",
                                                                 "aborted",   "timed_out", "unfinished"};
constexpr std::string_view name(Status status) { return status_names[static_cast<std::size_t>(status)]; }

/// The life of one request. Times that did not happen are Time::never().
struct RequestRecord {
  RequestId id;
  PoolId pool;
  ReplicaId replica;
  Time arrival;
  Time first_scheduled = Time::never();
  Time first_token = Time::never();
  Time finish = Time::never();  ///< last token, or the moment it was refused or ended
  std::int64_t input_tokens = 0;
  std::int64_t cached_tokens = 0;  ///< of the input, found in the prefix cache at first admission
  StoreTokens loaded_tokens{};     ///< of the cached ones, those that had to be loaded
  std::int64_t output_tokens = 0;  ///< generated
  std::int64_t preemptions = 0;
  std::int32_t workload = 0;  ///< position of its workload in the scenario: tenant, class, model, SLO
  std::int64_t session = -1;  ///< -1 where it belongs to none
  Status status = Status::completed;
  RequestLabels labels;
  // Where prefill is apart from decode; -1 where it is not, or not yet.
  ReplicaId prefill_replica{-1};
  ReplicaId decode_replica{-1};
  Time kv_transfer_begin = Time::never();  ///< when the first byte of the cache was on its way; never: none was
  Duration kv_transfer;                    ///< from the first byte of the cache on its way until the last one was there
};

/// Who listens. Called in simulated order for each replica; different replicas' calls interleave.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void cycles(const CycleSpan& span) = 0;
  virtual void idle(const IdleSpan& span) = 0;
  virtual void request(const RequestRecord& record) = 0;
  /// A segment has closed: what the digest is made of. `plan_change` is a hash of what set its plan apart from the
  /// last.
  virtual void segment(ReplicaId replica, std::int64_t first_cycle, std::int64_t cycles, const TierRamps& ramps,
                       std::uint64_t plan_change) = 0;
  /// A gap between two tokens of one request that is not simply the length of a cycle (after a preemption, or a cycle
  /// in which the sequence had no part). Fixed point, 2^-24 ps.
  virtual void token_gap(ReplicaId replica, Int128 gap) = 0;
};

}  // namespace memwall
