// How many of the keys behind it a query attends to.
#pragma once

#include <algorithm>
#include <cstdint>

namespace memwall {

enum class ReachKind : std::uint8_t {
  all,
  window,    ///< the newest `tokens`, the query's own included; older keys are never needed again
  chunk,     ///< those of the query's own chunk of `tokens` positions (Llama 4)
  selected,  ///< at most `tokens`, chosen anew for each query, so that all keys stay in the cache
};

struct Reach {
  ReachKind kind = ReachKind::all;
  std::int64_t tokens = 0;  ///< meaningless for `all`

  /// Whether the cache can forget keys.
  [[nodiscard]] constexpr bool forgets() const { return kind == ReachKind::window || kind == ReachKind::chunk; }
  friend constexpr bool operator==(const Reach&, const Reach&) = default;
};

/// Keys that the query with `context` keys up to and including its own attends to. `context` >= 0.
[[nodiscard]] constexpr std::int64_t reached(Reach reach, std::int64_t context) {
  switch (reach.kind) {
    case ReachKind::all: return context;
    case ReachKind::window:
    case ReachKind::selected: return std::min(context, reach.tokens);
    case ReachKind::chunk: return context == 0 ? 0 : (context - 1) % reach.tokens + 1;
  }
  return context;
}

/// Sum of `reached` over the queries at contexts 1 to `context`.
[[nodiscard]] constexpr std::int64_t reached_up_to(Reach reach, std::int64_t context) {
  const auto triangle = [](std::int64_t n) { return n * (n + 1) / 2; };
  switch (reach.kind) {
    case ReachKind::all: return triangle(context);
    case ReachKind::window:
    case ReachKind::selected: {
      const std::int64_t short_of = std::min(context, reach.tokens);
      return triangle(short_of) + (context - short_of) * reach.tokens;
    }
    case ReachKind::chunk: return context / reach.tokens * triangle(reach.tokens) + triangle(context % reach.tokens);
  }
  return 0;
}

/// (query, key) pairs of a chunk of `count` tokens of a prompt behind `before` cached ones.
[[nodiscard]] constexpr std::int64_t reached_pairs(Reach reach, std::int64_t before, std::int64_t count) {
  return reached_up_to(reach, before + count) - reached_up_to(reach, before);
}

/// Distinct keys that such a chunk reads, each at least once.
[[nodiscard]] constexpr std::int64_t keys_read(Reach reach, std::int64_t before, std::int64_t count) {
  switch (reach.kind) {
    case ReachKind::all:
    case ReachKind::selected: return before + count;
    case ReachKind::window: return std::min(before + count, count + reach.tokens - 1);
    case ReachKind::chunk: return before + count - before / reach.tokens * reach.tokens;
  }
  return before + count;
}

/// Cycles from one in which the newest query has `context` keys for which its reach keeps changing by the same number;
/// `grows` says whether that number is one or none.
struct ReachPiece {
  bool grows;
  std::int64_t cycles;  ///< a large number when for good
};
[[nodiscard]] constexpr ReachPiece reach_piece(Reach reach, std::int64_t context) {
  constexpr std::int64_t for_good = INT64_MAX;
  switch (reach.kind) {
    case ReachKind::all: return {true, for_good};
    case ReachKind::window:
    case ReachKind::selected:
      return context < reach.tokens ? ReachPiece{true, reach.tokens - context} : ReachPiece{false, for_good};
    case ReachKind::chunk: return {true, reach.tokens - reached(reach, context) + 1};
  }
  return {true, for_good};
}

}  // namespace memwall
