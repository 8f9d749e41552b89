#include "tools/work/ledger.hpp"

#include <algorithm>

namespace memwall::tools {

Ledger::Ledger(std::size_t tasks, std::size_t processes, std::size_t threads)
    : threads_(threads), missing_(tasks), answered_(tasks), load_(processes), lost_(processes) {}

std::optional<std::size_t> Ledger::next(std::size_t process, Instant now) {
  if (next_ == answered_.size()) return std::nullopt;
  const bool few_left = answered_.size() - next_ <= 2 * threads_ * load_.size();
  if (load_[process] >= threads_ + (few_left ? 0 : 1)) return std::nullopt;
  give(process, next_, now);
  return next_++;
}

bool Ledger::landed(std::size_t process, std::size_t task, Instant now) {
  if (load_[process] > 0) --load_[process];
  lost_[process] = false;
  const auto flight = flights_.find(task);
  if (flight != flights_.end() && flight->second.process == process) {
    longest_ = std::max(longest_, now - flight->second.since);
  }
  if (answered_[task]) return false;
  answered_[task] = true;
  --missing_;
  flights_.erase(task);
  return true;
}

std::optional<Ledger::Repeat> Ledger::overdue(Instant now) {
  if (next_ < answered_.size()) return std::nullopt;
  for (const auto& [task, flight] : flights_) {
    if (now - flight.since <= patience()) continue;
    lost_[flight.process] = true;
    for (std::size_t process = 0; process < load_.size(); ++process) {
      if (lost_[process] || load_[process] >= threads_) continue;
      ++repeated_;
      const std::size_t again = task;
      give(process, again, now);
      return Repeat{process, again};
    }
  }
  return std::nullopt;
}

void Ledger::give(std::size_t process, std::size_t task, Instant now) {
  ++load_[process];
  flights_[task] = {process, now};
}

}  // namespace memwall::tools
