// The queue in front of an engine: first come first served, or by priority.
#pragma once

#include <cstdint>
#include <deque>
#include <set>
#include <tuple>

#include "sim/serve/scheduler/plan.hpp"
#include "sim/serve/scheduler/vllm_config.hpp"

namespace memwall {

/// Under `priority` the order is (priority, arrival), whoever comes back from a preemption included; under `fcfs` such
/// a one goes to the front.
class WaitingQueue {
 public:
  explicit WaitingQueue(QueuePolicy policy) : policy_(policy) {}

  [[nodiscard]] bool empty() const { return policy_ == QueuePolicy::fcfs ? fifo_.empty() : ordered_.empty(); }
  [[nodiscard]] std::size_t size() const { return policy_ == QueuePolicy::fcfs ? fifo_.size() : ordered_.size(); }
  [[nodiscard]] Slot head() const {
    return policy_ == QueuePolicy::fcfs ? fifo_.front() : std::get<2>(*ordered_.begin());
  }
  void push_back(Slot slot, const Request& request) {
    if (policy_ == QueuePolicy::fcfs) {
      fifo_.push_back(slot);
    } else {
      ordered_.insert(key(slot, request));
    }
  }
  void push_front(Slot slot, const Request& request) {
    if (policy_ == QueuePolicy::fcfs) {
      fifo_.push_front(slot);
    } else {
      ordered_.insert(key(slot, request));
    }
  }
  void pop_head() {
    if (policy_ == QueuePolicy::fcfs) {
      fifo_.pop_front();
    } else {
      ordered_.erase(ordered_.begin());
    }
  }
  /// Takes a sequence out from wherever it stands. Linear under `fcfs`; only aborts and rare ends need it.
  void remove(Slot slot, const Request& request) {
    if (policy_ == QueuePolicy::fcfs) {
      std::erase(fifo_, slot);
    } else {
      ordered_.erase(key(slot, request));
    }
  }
  /// Calls `visit(slot)` from head to tail.
  template <class Visit>
  void each(Visit&& visit) const {
    for (const Slot slot : fifo_) visit(slot);
    for (const auto& entry : ordered_) visit(std::get<2>(entry));
  }

 private:
  using Key = std::tuple<std::int64_t, std::int64_t, Slot>;  // priority, arrival order, who
  static Key key(Slot slot, const Request& request) { return {request.priority, request.id.value, slot}; }

  QueuePolicy policy_;
  std::deque<Slot> fifo_;
  std::set<Key> ordered_;
};

}  // namespace memwall
