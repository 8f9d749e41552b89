// How far attention reaches in a group that decodes in step, as one sum that only changes where somebody crosses the
// end of a window or of a chunk.
#pragma once

#include <cstdint>
#include <map>

#include "sim/llm/batch_shape.hpp"

namespace memwall {

/// One limited reach over the members of a DecodeGroup. A member of base b has the context b + p in plan p. It is due
/// in the plan in which its window is just full, or in which its next chunk begins. All changes are O(log members).
class GroupReach {
 public:
  /// `through` is the last plan that was made.
  GroupReach(Reach reach, std::int64_t through) : reach_(reach), through_(through) {}

  void join(std::int64_t base) { change(base, 1); }
  void leave(std::int64_t base) { change(base, -1); }

  /// The sum in plan `plan`, which never goes back. `members` is their number.
  [[nodiscard]] ReachSum at(std::int64_t plan, std::int64_t members) {
    advance(plan);
    ReachSum sum;
    const std::int64_t tokens = reach_.tokens;
    // A member that is due in d plans has the context tokens - d, or has done all but d of its chunk's tokens but one.
    if (reach_.kind == ReachKind::chunk) {
      sum.growing = members;
      sum.decode_context = members * (tokens + 1 + plan) - due_sum_;
    } else {
      sum.growing = growing_;
      sum.decode_context = growing_ * (tokens + plan) - due_sum_ + (members - growing_) * tokens;
    }
    if (!due_.empty()) sum.horizon = due_.begin()->first - plan;
    return sum;
  }

 private:
  [[nodiscard]] std::int64_t due_of(std::int64_t base) const {
    if (reach_.kind != ReachKind::chunk) return reach_.tokens - base;
    // The first plan behind `through_` in which (base + plan - 1) is a multiple of the chunk.
    const std::int64_t past = (base + through_) % reach_.tokens;
    return through_ + 1 + (past == 0 ? 0 : reach_.tokens - past);
  }

  void change(std::int64_t base, std::int64_t by) {
    const std::int64_t due = due_of(base);
    if (due <= through_) return;  // its window is full for good
    growing_ += by;
    due_sum_ += by * due;
    const auto at = due_.try_emplace(due, 0).first;
    at->second += by;
    if (at->second == 0) due_.erase(at);
  }

  void advance(std::int64_t plan) {
    while (!due_.empty() && due_.begin()->first <= plan) {
      const auto [due, members] = *due_.begin();
      due_.erase(due_.begin());
      if (reach_.kind == ReachKind::chunk) {
        due_[due + reach_.tokens] += members;
        due_sum_ += members * reach_.tokens;
      } else {
        growing_ -= members;
        due_sum_ -= members * due;
      }
    }
    through_ = plan;
  }

  Reach reach_;
  std::int64_t through_;
  std::int64_t growing_ = 0;
  std::int64_t due_sum_ = 0;
  std::map<std::int64_t, std::int64_t> due_;  ///< members by the plan in which they are due
};

}  // namespace memwall
