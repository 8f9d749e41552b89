// How much of a trace's prompts a cache could hold: leading runs of block ids, and the habits of the blocks.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "workloads/formats/trace_row.hpp"

namespace memwall {

/// Leading runs of block ids that a cache would hold when a request arrives, in order of arrival. A request's blocks
/// are visible from its arrival on.
struct PrefixStats {
  static constexpr std::array<std::int64_t, 5> capacities = {1'000, 5'000, 20'000, 50'000, 100'000};

  std::int64_t blocks = 0, distinct = 0;
  std::int64_t hit_blocks = 0;                       ///< in a cache without bounds
  std::array<std::int64_t, 5> hit_blocks_bounded{};  ///< in one of so many blocks; the tail of a chain leaves first
  std::int64_t tokens = 0, hit_tokens = 0;  ///< over requests with ids; tokens without an id count and never hit
  std::int64_t requests = 0, requests_with_hit = 0;
  double once_share = 0;                ///< of the distinct blocks, those used by one request
  double top_share = 0;                 ///< of all uses, those of the 1 % of blocks that are used most
  double slope = 0;                     ///< fall of log uses over log rank among the 2,000 blocks used most
  std::array<double, 3> reuse_gap_s{};  ///< 10, 50, 90 % quantiles of the time since a block's use before

  [[nodiscard]] double block_share() const { return share(hit_blocks, blocks); }
  [[nodiscard]] double token_share() const { return share(hit_tokens, tokens); }
  [[nodiscard]] static double share(std::int64_t part, std::int64_t whole) {
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
  }
};

class PrefixCounter {
 public:
  PrefixCounter();
  ~PrefixCounter();

  /// Takes a row in, in order of arrival.
  void add(const TraceRow& row);
  /// Of a row that waits for others, which has no place in that order: it finds the blocks of all rows before it here.
  void add_without_time(const TraceRow& row);

  [[nodiscard]] PrefixStats stats() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace memwall
