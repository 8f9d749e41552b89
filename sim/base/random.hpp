// Random draws that depend on what they are for, never on the order of calls: each is a pure function of
// (seed, request, purpose, index), so that adding one feature cannot change the draws of another.
#pragma once

#include <cstdint>
#include <span>

#include "sim/base/hash.hpp"

namespace memwall {

/// What a draw decides. Values are part of the reproducibility contract: never renumber, only append.
enum class Purpose : std::uint64_t {
  arrival_gap = 1,
  input_length = 2,
  output_length = 3,
  routing = 4,
  arrival_spread = 5,
  arrival_state = 6,     ///< in which state a modulated process begins
  window_rate = 7,       ///< arrivals of a window, relative to their mean
  length_pair = 8,       ///< prompt and answer drawn together
  prefix_group = 9,      ///< whether a prompt has a shared prefix, and which
  prefix_length = 10,    ///< of a group
  session_turns = 11,    ///< how often a user writes
  think_time = 12,       ///< between an answer and the user's next message
  tool_calls = 13,       ///< how many calls a turn makes
  tool_delay = 14,       ///< how long a call takes
  tool_result = 15,      ///< tokens that a call appends
  subagents = 16,        ///< whether a call starts subagents, and how many
  summary_length = 17,   ///< tokens that are left of a compacted context
  accepted_prompt = 18,  ///< whether the samples of a prompt can be trained on
  trace_thinning = 30,   ///< whether a session of a trace is left out
  servegen_gap = 31,     ///< between two arrivals of a ServeGen client
  servegen_length = 32,  ///< all its lengths, or the prompt's
  servegen_output = 33,  ///< its answer, where that is drawn apart
  parameter_range = 40,  ///< a number of a device within the range that is known of it
  sweep_value = 50,      ///< where in its range a parameter of a sweep's point lies
  sweep_order = 51,      ///< which stratum of a Latin hypercube a point has
  test = 1000,
};

/// The coordinates of a draw. `stream` keeps the workloads of one scenario apart; `index` counts the draws that one
/// decision needs (rejection sampling).
struct DrawKey {
  std::uint64_t seed = 0;
  std::uint64_t stream = 0;
  std::uint64_t request = 0;
  Purpose purpose = Purpose::test;
};

/// 64 random bits for the `index`-th draw of a decision.
[[nodiscard]] constexpr std::uint64_t random_bits(const DrawKey& key, std::uint64_t index = 0) {
  std::uint64_t state = mix(key.seed);
  state = combine(state, key.stream);
  state = combine(state, key.request);
  state = combine(state, static_cast<std::uint64_t>(key.purpose));
  return combine(state, index);
}

/// Uniform in the open interval (0, 1): 53 random bits, centred, so that neither end occurs.
[[nodiscard]] constexpr double random_uniform(const DrawKey& key, std::uint64_t index = 0) {
  return (static_cast<double>(random_bits(key, index) >> 11) + 0.5) * 0x1.0p-53;
}

/// Uniform over the integers low .. high, both included; low <= high.
[[nodiscard]] std::int64_t random_integer(const DrawKey& key, std::int64_t low, std::int64_t high);

/// Exponential with mean 1.
[[nodiscard]] double random_exponential(const DrawKey& key, std::uint64_t index = 0);

/// Standard normal, by inversion.
[[nodiscard]] double random_normal(const DrawKey& key, std::uint64_t index = 0);

/// Gamma with mean 1 and the given coefficient of variation > 0 (shape 1 / cv^2; Marsaglia and Tsang,
/// A simple method for generating gamma variables, 2000).
[[nodiscard]] double random_gamma(const DrawKey& key, double cv);

/// A rank from 1 to `ranks` with probability proportional to rank^-exponent, for exponents of 0 (uniform) to 100 and up
/// to 2^53 ranks (rejection-inversion: Hoermann and Derflinger, Rejection-inversion to generate variates from monotone
/// discrete distributions, 1996).
[[nodiscard]] std::int64_t random_zipf(const DrawKey& key, std::int64_t ranks, double exponent);

/// Inverse of a piecewise-linear distribution function given by its quantile grid: `probabilities` rise from 0 to 1,
/// `values` do not fall; equal lengths of at least 2.
[[nodiscard]] double empirical_quantile(double probability, std::span<const double> probabilities,
                                        std::span<const double> values);

/// A draw from that distribution.
[[nodiscard]] double random_empirical(const DrawKey& key, std::span<const double> probabilities,
                                      std::span<const double> values);

}  // namespace memwall
