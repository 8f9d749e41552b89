#include "tools/compare/why.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/base/tier.hpp"
#include "tools/results/time_text.hpp"

namespace memwall::tools::compare {
namespace {

double busy(const std::vector<double>& tiers) {
  double sum = 0;
  for (std::size_t i = 0; i < tiers.size(); ++i) sum += i == index(Tier::idle) ? 0 : tiers[i];
  return sum;
}

}  // namespace

std::vector<TierMove> tier_moves(const Contender& a, const Contender& b) {
  const std::vector<double> before = a.seconds_per_token();
  const std::vector<double> after = b.seconds_per_token();
  std::vector<TierMove> out;
  if (before.empty() || after.empty()) return out;
  for (std::size_t i = 0; i < tier_count; ++i) {
    if (after[i] != before[i]) out.push_back({std::string(tier_names[i]), after[i] - before[i]});
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const TierMove& x, const TierMove& y) { return std::abs(x.seconds) > std::abs(y.seconds); });
  return out;
}

std::string why(const Contender& a, const Contender& b) {
  const std::vector<double> before = a.seconds_per_token();
  const std::vector<double> after = b.seconds_per_token();
  if (before.empty() || after.empty()) return "";
  const double from = busy(before);
  const double to = busy(after);
  if (from == to) return fmt::format("{} and {} need the same machine time for a token", a.name, b.name);
  std::string out = fmt::format("{} needs {} of machine time for an output token, {} {}", b.name, time_text(to), a.name,
                                time_text(from));
  std::string parts;
  for (const TierMove& move : tier_moves(a, b)) {
    if (move.tier == name(Tier::idle)) continue;
    // Parts against the difference are told too where they are not small.
    const double share = move.seconds / (to - from);
    if (std::abs(share) < 0.1) break;
    parts += fmt::format("{}{} {}{} ({:.0f} %)", parts.empty() ? "" : ", ", move.tier, move.seconds < 0 ? "-" : "+",
                         time_text(std::abs(move.seconds)), share * 100);
  }
  return out + (parts.empty() ? "" : "; of the difference: " + parts);
}

}  // namespace memwall::tools::compare
