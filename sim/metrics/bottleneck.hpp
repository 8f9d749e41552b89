// Where the time went: by bottleneck, by tier, by limit and by phase, without a rest.
#pragma once

#include <array>
#include <cstdint>

#include "sim/base/ramp.hpp"
#include "sim/base/tier.hpp"
#include "sim/metrics/record.hpp"

namespace memwall {

/// How the time of a set of cycles divides. Each group of shares adds up to 1, or to 0 where there was no such time.
struct CycleShares {
  std::int64_t count = 0;  ///< cycles
  double busy_s = 0;       ///< their total length
  /// Length of the cycles whose bottleneck is the tier, over the length of all.
  TierArray<double> bottleneck_share;
  /// The same by the tier that would be the bottleneck if the first were infinitely fast. Cycles in which one tier
  /// alone has time have none, so these add up to at most 1.
  TierArray<double> runner_up_share;
  /// Critical seconds of the tier over all time: for the whole run idle time is part of it and has its own tier; within
  /// a phase there is none.
  TierArray<double> time_share;
  std::array<double, limit_count> limit_share{};  ///< length of the cycles with that limit, over the length of all
};

/// What the report says about cycles.
struct Shares {
  CycleShares all;
  double idle_s = 0;
  std::array<CycleShares, phase_count> by_phase;
  TierArray<double> utilisation;  ///< busy seconds of the tier, hidden ones included, over all time
};

/// Rows and tokens of cycles.
struct CycleTokens {
  std::int64_t prefill = 0;
  std::int64_t decode = 0;
  std::int64_t padded = 0;  ///< rows that kernels ran
};

/// Sums over cycles and idle gaps. Every sum is an exact integer of 2^-24 ps that depends on the cycles alone, so
/// taking them in spans of any length gives the same tally. `add` is O(used tiers + changes of bottleneck).
class CycleTally {
 public:
  /// Throws LogicError when the span has no ramps, or its critical ramps do not add up to its clock.
  void add(const CycleSpan& span);
  void add_idle(Duration gap, Tier waits_for = Tier::idle);
  void merge(const CycleTally& other);

  /// Throws LogicError when a sum by tier, bottleneck, limit or phase differs from the total: a defect of ours.
  [[nodiscard]] Shares shares() const;

  [[nodiscard]] std::int64_t cycles() const;
  [[nodiscard]] CycleTokens tokens() const { return tokens_; }
  [[nodiscard]] Int128 busy() const;                         ///< fixed point: total length of the cycles
  [[nodiscard]] Int128 idle() const { return idle_; }        ///< fixed point
  [[nodiscard]] Int128 prefill() const { return prefill_; }  ///< fixed point: the part of `busy` that prefill pays for
  /// Fixed point: the rest. A mixed cycle is split by its share of prompt tokens among the tokens that it computes; its
  /// padding falls on both alike.
  [[nodiscard]] Int128 decode() const { return busy() - prefill_; }

  friend bool operator==(const CycleTally&, const CycleTally&);

 private:
  struct PhaseSums {
    std::int64_t cycles = 0;
    Int128 length = 0;
    TierArray<Int128> critical;
    TierArray<Int128> bottleneck;
    TierArray<Int128> runner_up;
    std::array<Int128, limit_count> limit{};

    void merge(const PhaseSums& other);
    void conserve() const;
    [[nodiscard]] CycleShares shares(Int128 all_time) const;
    friend bool operator==(const PhaseSums&, const PhaseSums&) = default;
  };

  /// The part of `add` for a stretch in which the bottleneck or the runner-up changes.
  static void add_pieces(const TierRamps& ramps, TierSet critical, std::int64_t from, std::int64_t until,
                         PhaseSums& phase);
  [[nodiscard]] PhaseSums total() const;

  std::array<PhaseSums, phase_count> phases_;
  TierArray<Int128> busy_;
  Int128 idle_ = 0;            ///< all gaps
  TierArray<Int128> waiting_;  ///< of these, by what was waited for
  Int128 prefill_ = 0;
  CycleTokens tokens_;
};

/// Fixed point (2^-24 ps) to seconds.
[[nodiscard]] double fixed_seconds(Int128 fixed);

}  // namespace memwall
