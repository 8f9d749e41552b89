// How many experts a batch touches: what a routed layer reads depends on it on every mechanism.
#pragma once

namespace memwall {

/// How many of `experts` at least one of `tokens` rows chooses, when each row chooses `rows_per_token` of them on
/// average, independently and evenly: E (1 - (1 - k / E)^T).
[[nodiscard]] double distinct_experts(double experts, double rows_per_token, double tokens);

}  // namespace memwall
