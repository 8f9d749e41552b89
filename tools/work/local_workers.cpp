#include "tools/work/local_workers.hpp"

#include <utility>

namespace memwall::tools {

LocalWorkers::LocalWorkers(Work work, std::size_t threads) : work_(std::move(work)) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { serve(); });
}

LocalWorkers::~LocalWorkers() {
  {
    const std::lock_guard guard(lock_);
    closing_ = true;
    waiting_.clear();
  }
  given_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void LocalWorkers::give(std::size_t task, std::string words) {
  {
    const std::lock_guard guard(lock_);
    waiting_.push_back({task, std::move(words)});
  }
  given_.notify_one();
}

std::vector<DonePiece> LocalWorkers::done(std::chrono::microseconds patience) {
  std::unique_lock guard(lock_);
  finished_.wait_for(guard, patience, [this] { return !done_.empty(); });
  return std::exchange(done_, {});
}

void LocalWorkers::serve() {
  std::unique_lock guard(lock_);
  while (true) {
    given_.wait(guard, [this] { return closing_ || !waiting_.empty(); });
    if (closing_) return;
    const Waiting piece = std::move(waiting_.front());
    waiting_.pop_front();
    guard.unlock();
    DonePiece done{piece.task, {}, nullptr};
    try {
      done.answer = work_(piece.words);
    } catch (...) {
      done.failure = std::current_exception();
    }
    guard.lock();
    done_.push_back(std::move(done));
    finished_.notify_one();
  }
}

}  // namespace memwall::tools
