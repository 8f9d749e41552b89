// Rows of a result folder as a report reads them.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "sim/base/tier.hpp"

namespace memwall::tools::report {

/// A row of cycles.csv. Times in picoseconds; tokens are those of the whole row.
struct CycleRow {
  std::string_view pool;
  std::int64_t replica = 0;
  std::int64_t lane = -1;   ///< -1 in an idle gap, which belongs to all lanes
  std::int64_t cycles = 0;  ///< 0: an idle gap
  std::int64_t start_ps = 0;
  std::int64_t duration_ps = 0;
  std::int64_t prefill_tokens = 0;
  std::int64_t decode_tokens = 0;
  std::int64_t sequences = 0;
  std::int64_t kv_blocks = 0;
  Tier bottleneck = Tier::idle;
  std::optional<Limit> limit;
  TierArray<std::int64_t> tier_ps;  ///< critical time of each
};

/// A row of requests.csv; times in picoseconds, absent where it did not happen.
struct RequestRow {
  std::int64_t id = 0;
  std::string_view pool;
  std::int64_t arrival_ps = 0;
  std::int64_t input_tokens = 0;
  std::int64_t cached_tokens = 0;
  std::int64_t output_tokens = 0;
  std::int64_t preemptions = 0;
  std::optional<std::int64_t> queue_ps;
  std::optional<std::int64_t> ttft_ps;
  std::optional<std::int64_t> tpot_ps;
  std::optional<std::int64_t> e2e_ps;
  std::string_view status;
};

/// Call `take` for each row of the file's text, which is called `name` in messages. Throw InputError with file and line
/// for what cannot be read.
void read_cycles(std::string_view text, const std::string& name, const std::function<void(const CycleRow&)>& take);
void read_requests(std::string_view text, const std::string& name, const std::function<void(const RequestRow&)>& take);

}  // namespace memwall::tools::report
