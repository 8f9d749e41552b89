// How unevenly experts are chosen, and what that does to whoever holds them.
#pragma once

#include <cstdint>
#include <vector>

namespace memwall {

/// Popularity of experts by a power law: the i-th of them is chosen in proportion to i^-skew. 0 = all alike; the
/// kernel measurements of ai-dynamo/aiconfigurator take 1.2 for a skewed router.
[[nodiscard]] std::vector<double> expert_shares(std::int64_t experts, double skew);

/// Experts that at least one of `tokens` tokens chooses, when each chooses `top_k` different ones:
/// sum of 1 - (1 - p_i)^tokens, where p_i is the chance that one token chooses expert i. A chance is top_k times the
/// share, at most 1; what is cut off there goes to the others in proportion.
[[nodiscard]] double expected_active_experts(std::int64_t experts, std::int64_t top_k, double tokens, double skew);

/// Load of the fullest of `ranks` over the mean load, where each holds as many experts, and the experts are dealt out
/// in order of popularity to the emptiest rank that has room left (a balanced placement) or in runs of equal length as
/// the model numbers them, in which the popular ones stand together (the worst one).
enum class ExpertPlacement : std::uint8_t { balanced, in_runs };
[[nodiscard]] double fullest_rank(std::int64_t experts, std::int64_t top_k, std::int64_t ranks, double skew,
                                  ExpertPlacement placement);

}  // namespace memwall
