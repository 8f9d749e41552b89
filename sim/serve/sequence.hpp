// What an engine knows of one request: how far its tokens are, and which cache blocks it holds.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/store_tokens.hpp"
#include "sim/base/tier.hpp"
#include "sim/base/time.hpp"
#include "sim/serve/kv/content.hpp"
#include "sim/serve/request.hpp"

namespace memwall {

/// `leaving`: it has ended here, and its blocks wait until another engine has read them.
enum class SequenceState : std::uint8_t { waiting, loading, running, preempted, leaving };

/// Blocks that a sequence holds in one extent, or in what that extent was split into since.
struct HeldExtent {
  std::int32_t extent;
  std::int64_t blocks;
};

/// One request inside an engine. Counts are tokens unless they say blocks. The first fields are what the scheduler's
/// loop touches for every running sequence in every planned cycle; they share a cache line.
struct alignas(64) Sequence {
  std::int64_t computed = 0;      ///< in the cache, or on their way there in a cycle that is already planned
  std::int64_t known = 0;         ///< prompt and generated tokens whose values the scheduler has
  std::int64_t placeholders = 0;  ///< generated tokens of cycles in flight, whose values it does not have yet
  std::int64_t capacity = 0;      ///< tokens that the held blocks have room for
  std::int64_t next_full = 0;     ///< tokens at which the next block of the prefix cache becomes full
  std::int64_t end = 0;           ///< tokens at which the engine will end it, as far as the engine can know
  std::int64_t prefill_end = 0;   ///< tokens below this are prefill work in the present admission
  std::int32_t drafts = 0;        ///< speculative tokens proposed for its next cycle
  SequenceState state = SequenceState::waiting;

  std::int64_t order = 0;          ///< of admission among all admissions of the engine
  std::int64_t position = 0;       ///< in the list of running sequences
  bool grouped = false;            ///< a DecodeGroup stands for its counts
  std::int64_t finish_result = 0;  ///< while it is grouped: number of the engine's result that ends it
  std::int64_t last_cycle = -2;    ///< cycle of its newest token; -2 before the first
  Time last_token = Time::never();

  std::int64_t finish_at = 0;  ///< tokens at which it will end; below `end` where an end of sequence comes first
  Request request;
  std::int64_t held = 0;        ///< blocks
  std::int64_t registered = 0;  ///< of these, from the front, how many can be hit by others
  ContentCursor content;        ///< at the first block whose content was not needed yet
  // Of the held blocks, block by block (BlockPool):
  std::vector<std::int32_t> blocks;   ///< their ids
  std::vector<std::uint64_t> hashes;  ///< of its full blocks, as far as they were needed
  // Or run by run (ExtentPool):
  std::vector<HeldExtent> extents;   ///< from the front
  std::int64_t shared = 0;           ///< blocks in them: those of the registered ones that others can hit
  std::int64_t external_tokens = 0;  ///< prompt tokens that a connector can load
  bool gated = false;                ///< it waits for its load even where nothing is left to be loaded
  Tier load_tier = Tier::idle;       ///< what it mostly waits for while it loads
  bool loaded = false;               ///< the load of those has finished

  Time first_scheduled = Time::never();
  Time first_token = Time::never();  ///< end of the cycle that brings it
  Duration late;                     ///< from `first_token`, the end of its cycle, until that token exists
  std::int64_t cached_tokens = 0;    ///< prefix hits at first admission
  StoreTokens loaded_tokens{};       ///< of those, loaded from the stores below the device's memory
  std::int64_t preemptions = 0;

  [[nodiscard]] std::int64_t prompt() const { return request.input_tokens; }
  [[nodiscard]] std::int64_t generated() const { return known - request.input_tokens; }
};

}  // namespace memwall
