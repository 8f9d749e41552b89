#include "sim/llm/expert_load.hpp"

#include <algorithm>
#include <cstddef>

#include "sim/base/error.hpp"
#include "sim/base/math.hpp"

namespace memwall {
namespace {

/// Chance of each expert to be among the top_k of one token. Where the share of a popular expert asks for more than
/// once a token, it is chosen always and the rest share what is left.
std::vector<double> chances(std::int64_t experts, std::int64_t top_k, double skew) {
  std::vector<double> out = expert_shares(experts, skew);
  std::size_t certain = 0;
  double rest = 1;
  while (certain < out.size()) {
    const double scale = (static_cast<double>(top_k) - static_cast<double>(certain)) / rest;
    // Shares fall, so the first that is not certain is the largest.
    if (out[certain] * scale <= 1) {
      for (std::size_t i = certain; i < out.size(); ++i) out[i] *= scale;
      break;
    }
    rest -= out[certain];
    out[certain++] = 1;
  }
  return out;
}

}  // namespace

std::vector<double> expert_shares(std::int64_t experts, double skew) {
  law(experts > 0 && skew >= 0, "a model of experts has some, and their popularity does not rise with their number");
  std::vector<double> shares(static_cast<std::size_t>(experts));
  double sum = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    shares[i] = skew == 0 ? 1 : math::pow(static_cast<double>(i + 1), -skew);
    sum += shares[i];
  }
  for (double& share : shares) share /= sum;
  return shares;
}

double expected_active_experts(std::int64_t experts, std::int64_t top_k, double tokens, double skew) {
  law(top_k > 0 && top_k <= experts, "a token chooses some of the experts");
  double active = 0;
  for (const double chance : chances(experts, top_k, skew)) {
    active += chance >= 1 ? (tokens > 0 ? 1 : 0) : 1 - math::pow(1 - chance, tokens);
  }
  return active;
}

double fullest_rank(std::int64_t experts, std::int64_t top_k, std::int64_t ranks, double skew,
                    ExpertPlacement placement) {
  law(ranks > 0 && experts % ranks == 0, "every rank holds as many experts");
  const auto each = static_cast<std::size_t>(experts / ranks);
  std::vector<double> load(static_cast<std::size_t>(ranks), 0);
  std::vector<std::size_t> held(load.size(), 0);
  const std::vector<double> chance = chances(experts, top_k, skew);
  for (std::size_t i = 0; i < chance.size(); ++i) {
    std::size_t rank = i / each;
    if (placement == ExpertPlacement::balanced) {
      rank = 0;
      for (std::size_t r = 1; r < load.size(); ++r) {
        const bool has_room = held[r] < each;
        if (has_room && (held[rank] >= each || load[r] < load[rank])) rank = r;
      }
    }
    load[rank] += chance[i];
    ++held[rank];
  }
  const double mean = static_cast<double>(top_k) / static_cast<double>(ranks);
  return *std::max_element(load.begin(), load.end()) / mean;
}

}  // namespace memwall
