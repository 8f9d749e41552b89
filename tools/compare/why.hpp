// Why one of two results is faster: which tier's time moved.
#pragma once

#include <string>
#include <vector>

#include "tools/compare/contender.hpp"

namespace memwall::tools::compare {

/// How much of the difference in machine time a token falls on a tier.
struct TierMove {
  std::string tier;
  double seconds = 0;  ///< of all devices for one output token, b less a
};

/// Moves of all tiers that moved, largest first; ties in tier order. They add up to the whole difference, because the
/// times of all tiers add up to all time.
[[nodiscard]] std::vector<TierMove> tier_moves(const Contender& a, const Contender& b);

/// A sentence on who needs less busy time for a token and which tiers make the difference; empty where one of the two
/// has no results.
[[nodiscard]] std::string why(const Contender& a, const Contender& b);

}  // namespace memwall::tools::compare
