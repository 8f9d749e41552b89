// Threads that do pieces of work while their owner does something else, such as talk to other processes.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tools/work/team.hpp"

namespace memwall::tools {

/// A piece that is done: its answer, or what it threw.
struct DonePiece {
  std::size_t task = 0;
  std::string answer;
  std::exception_ptr failure;
};

class LocalWorkers {
 public:
  LocalWorkers(Work work, std::size_t threads);
  /// Forgets what waits, and ends when what has begun is done.
  ~LocalWorkers();
  LocalWorkers(const LocalWorkers&) = delete;
  LocalWorkers& operator=(const LocalWorkers&) = delete;

  /// Puts a piece behind those that wait.
  void give(std::size_t task, std::string words);
  /// What was done since the last call; waits for something up to `patience`.
  [[nodiscard]] std::vector<DonePiece> done(std::chrono::microseconds patience);

 private:
  struct Waiting {
    std::size_t task;
    std::string words;
  };
  void serve();

  Work work_;
  std::mutex lock_;
  std::condition_variable given_;
  std::condition_variable finished_;
  std::deque<Waiting> waiting_;
  std::vector<DonePiece> done_;
  bool closing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace memwall::tools
