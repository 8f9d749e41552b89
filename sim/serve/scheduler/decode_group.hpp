// The sequences of an engine that decode in step: one token each in every cycle. They carry no state that changes from
// cycle to cycle; two counters, of plans and of results, stand for all of them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/serve/scheduler/group_reach.hpp"
#include "sim/serve/scheduler/plan.hpp"

namespace memwall {

/// Sums and due dates over the members. Plans and results of the engine are numbered from 1; a member takes part in
/// every plan up to its last one and gains a token with every result of those. All changes are O(log members).
class DecodeGroup {
 public:
  /// `plans` have been made before; `limited` are the reaches that its sums tell apart.
  DecodeGroup(std::int64_t block_size, std::span<const Reach> limited, std::int64_t plans)
      : due_(static_cast<std::size_t>(block_size), 0) {
    for (const Reach reach : limited) reaches_.emplace_back(reach, plans);
  }

  /// A member as of plan number `plan`: it ends with the result of plan `finish`, and the engine leaves it out of the
  /// plans behind `last` because it knows that it ends there. `order` is its place among the running.
  struct Member {
    Slot slot = 0;
    std::int64_t order = 0;
    std::int64_t base = 0;          ///< tokens computed after plan `plan`, less `plan`
    std::int64_t capacity = 0;      ///< tokens that its blocks had room for when it joined
    std::int64_t first_result = 0;  ///< it decodes in the plans after this one, which gave or gives it its token before
    std::int64_t finish = 0;
    std::int64_t last = 0;
  };

  void join(const Member& member) {
    ++members_;
    base_sum_ += member.base;
    ++due_[residue(member)];
    for (GroupReach& reach : reaches_) reach.join(member.base);
    finishes_.push_back({member.finish, member.order, member});
    std::push_heap(finishes_.begin(), finishes_.end(), later);
    leaves_.push_back({member.last, member.order, member});
    std::push_heap(leaves_.begin(), leaves_.end(), later);
  }

  /// Takes out of the sums, one by one, the members that are not part of plan `plan` any more; false when none is left.
  bool pop_leaver(std::int64_t plan, Member& member) {
    left_before_ = plan;
    while (!leaves_.empty() && leaves_.front().when < plan) {
      std::pop_heap(leaves_.begin(), leaves_.end(), later);
      member = leaves_.back().member;
      leaves_.pop_back();
      if (member.finish <= finished_through_) continue;  // it left the sums when it finished
      subtract(member);
      return true;
    }
    return false;
  }

  /// Takes out, in order of their places, the members that end with result `result`; false when none is left.
  bool pop_finisher(std::int64_t result, Member& member) {
    finished_through_ = result;
    if (finishes_.empty() || finishes_.front().when > result) return false;
    std::pop_heap(finishes_.begin(), finishes_.end(), later);
    member = finishes_.back().member;
    finishes_.pop_back();
    if (!has_left(member)) subtract(member);
    return true;
  }

  /// Whether the member is left out of the plans from now on.
  [[nodiscard]] bool has_left(const Member& member) const { return member.last < left_before_; }

  [[nodiscard]] std::int64_t size() const { return members_; }
  /// Sum over the members of the tokens computed before plan `plan`.
  [[nodiscard]] std::int64_t computed_before(std::int64_t plan) const { return base_sum_ + members_ * (plan - 1); }
  /// How far the members' attention reaches in plan `plan`, the tokens of that plan included.
  void count_reaches(std::int64_t plan, std::span<ReachSum> sums) const {
    for (std::size_t i = 0; i < reaches_.size(); ++i) sums[i] = reaches_[i].at(plan, members_);
  }
  /// Members that need a block in plan `plan`.
  [[nodiscard]] std::int64_t blocks_due(std::int64_t plan) const { return due_[place(plan - 1)]; }
  /// Blocks that the members need in the plans `first` to `first + count - 1`. O(block size).
  [[nodiscard]] std::int64_t blocks_due(std::int64_t first, std::int64_t count) const {
    const auto size = static_cast<std::int64_t>(due_.size());
    std::int64_t blocks = members_ * (count / size);
    for (std::int64_t i = 0; i < count % size; ++i) blocks += blocks_due(first + i);
    return blocks;
  }
  /// Plans from `first` on for which `free` blocks suffice.
  [[nodiscard]] std::int64_t plans_within(std::int64_t first, std::int64_t free) const {
    const auto size = static_cast<std::int64_t>(due_.size());
    std::int64_t left = free % members_;
    std::int64_t plans = free / members_ * size;
    for (std::int64_t i = 0; i < size && blocks_due(first + i) <= left; ++i, ++plans) left -= blocks_due(first + i);
    return plans;
  }
  /// Number of the earliest result that ends a member, and of the earliest last plan of one; a large number when none
  /// is.
  [[nodiscard]] std::int64_t next_finish() const { return finishes_.empty() ? far : finishes_.front().when; }
  [[nodiscard]] std::int64_t next_leave() const { return leaves_.empty() ? far : leaves_.front().when; }

  /// Calls `visit(member)` on everybody who has not finished, in no particular order.
  template <class Visit>
  void each(Visit&& visit) const {
    for (const Entry& entry : finishes_) visit(entry.member);
  }

 private:
  static constexpr std::int64_t far = std::int64_t{1} << 62;
  struct Entry {
    std::int64_t when;
    std::int64_t order;
    Member member;
  };
  static bool later(const Entry& a, const Entry& b) { return a.when != b.when ? a.when > b.when : a.order > b.order; }

  /// A member needs a block in the plan before which it has computed as much as its blocks hold.
  [[nodiscard]] std::size_t place(std::int64_t value) const {
    const auto size = static_cast<std::int64_t>(due_.size());
    return static_cast<std::size_t>(((value % size) + size) % size);
  }
  [[nodiscard]] std::size_t residue(const Member& member) const { return place(member.capacity - member.base); }
  void subtract(const Member& member) {
    --members_;
    base_sum_ -= member.base;
    --due_[residue(member)];
    for (GroupReach& reach : reaches_) reach.leave(member.base);
  }

  std::int64_t members_ = 0;
  std::int64_t base_sum_ = 0;
  std::int64_t finished_through_ = 0;  ///< results that were asked for finishers
  std::int64_t left_before_ = 0;       ///< plan that was asked for leavers
  std::vector<std::int64_t> due_;      ///< members by the plan, modulo the block size, before which they need a block
  mutable std::vector<GroupReach> reaches_;  ///< they settle when they are asked
  std::vector<Entry> finishes_;              ///< heaps, earliest in front
  std::vector<Entry> leaves_;
};

}  // namespace memwall
