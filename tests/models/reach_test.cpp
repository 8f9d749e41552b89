// Closed forms of windows, chunks and chosen keys against counting key by key.
#include "sim/llm/reach.hpp"

#include <vector>

#include "sim/llm/batch_shape.hpp"
#include "tests/catch.hpp"

using namespace memwall;

namespace {

/// Whether the query at position `query` (from 0) attends to the key at `key`, where keys are never chosen.
bool attends(Reach reach, std::int64_t query, std::int64_t key) {
  if (key > query) return false;
  if (reach.kind == ReachKind::window) return query - key < reach.tokens;
  if (reach.kind == ReachKind::chunk) return query / reach.tokens == key / reach.tokens;
  return true;
}

const std::vector<Reach> reaches = {{ReachKind::all, 0},   {ReachKind::window, 1}, {ReachKind::window, 7},
                                    {ReachKind::chunk, 1}, {ReachKind::chunk, 5},  {ReachKind::window, 1000}};

}  // namespace

TEST_CASE("pairs and keys of a chunk are those counted one by one") {
  for (const Reach reach : reaches) {
    for (std::int64_t before = 0; before < 24; ++before) {
      for (std::int64_t count = 1; count < 24; ++count) {
        std::int64_t pairs = 0;
        std::int64_t keys = 0;
        for (std::int64_t key = 0; key < before + count; ++key) {
          bool read = false;
          for (std::int64_t query = before; query < before + count; ++query) {
            if (!attends(reach, query, key)) continue;
            ++pairs;
            read = true;
          }
          keys += read ? 1 : 0;
        }
        INFO("kind " << static_cast<int>(reach.kind) << " of " << reach.tokens << ": " << count << " behind "
                     << before);
        CHECK(reached_pairs(reach, before, count) == pairs);
        CHECK(keys_read(reach, before, count) == keys);
        if (count == 1) CHECK(reached(reach, before + 1) == pairs);
      }
    }
  }
}

TEST_CASE("chosen keys are as many as a window's, but all stay to be chosen from") {
  const Reach chosen{ReachKind::selected, 7};
  const Reach window{ReachKind::window, 7};
  for (std::int64_t context = 1; context < 30; ++context) {
    CHECK(reached(chosen, context) == reached(window, context));
    CHECK(reached_pairs(chosen, context, 9) == reached_pairs(window, context, 9));
    CHECK(keys_read(chosen, context, 9) == context + 9);
  }
  CHECK_FALSE(chosen.forgets());
  CHECK(window.forgets());
}

TEST_CASE("a piece of a reach holds for just as long as it says") {
  for (const Reach reach : reaches) {
    for (std::int64_t context = 1; context < 40; ++context) {
      const ReachPiece piece = reach_piece(reach, context);
      REQUIRE(piece.cycles >= 1);
      const std::int64_t step = piece.grows ? 1 : 0;
      const std::int64_t holds = std::min<std::int64_t>(piece.cycles, 50);
      for (std::int64_t k = 0; k < holds; ++k) {
        CHECK(reached(reach, context + k) == reached(reach, context) + k * step);
      }
      // Behind it the growth is another one: a window is full, a chunk starts anew.
      if (piece.cycles < 50) {
        const std::int64_t at = context + piece.cycles;
        CHECK(reached(reach, at + 1) - reached(reach, at - 1) != 2 * step);
      }
    }
  }
}

TEST_CASE("a batch advanced within its horizons is the batch of the longer contexts") {
  const std::vector<Reach> limited = {{ReachKind::window, 20}, {ReachKind::chunk, 16}};
  BatchShape now;
  for (const std::int64_t context : {3, 9, 18, 40}) now.add(context - 1, 1, true, true, limited);
  const std::int64_t horizon = std::min(now.reaches[0].horizon, now.reaches[1].horizon);
  REQUIRE(horizon > 1);
  for (std::int64_t k = 0; k < horizon; ++k) {
    BatchShape later;
    for (const std::int64_t context : {3, 9, 18, 40}) later.add(context + k - 1, 1, true, true, limited);
    const BatchShape advanced = now.advanced(k);
    for (std::size_t i = 0; i < limited.size(); ++i) {
      CHECK(advanced.reaches[i].decode_context == later.reaches[i].decode_context);
    }
    CHECK(advanced.decode_context == later.decode_context);
  }
}
