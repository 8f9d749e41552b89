#include "tools/results/what_if.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "sim/base/error.hpp"
#include "sim/base/suggest.hpp"
#include "sim/scenario/what_if.hpp"

namespace memwall::tools {
namespace {

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

/// "+10%", "-10%" or "x2" as a factor.
std::optional<double> factor_of(std::string_view change) {
  if (change.starts_with('x')) return number(change.substr(1));
  if (!change.ends_with('%') || (!change.starts_with('+') && !change.starts_with('-'))) return std::nullopt;
  const auto percent = number(change.substr(1, change.size() - 2));
  if (!percent) return std::nullopt;
  return (100 + (change.front() == '-' ? -*percent : *percent)) / 100;
}

}  // namespace

std::vector<std::string> what_if_edits(const std::vector<std::string>& pools, const std::vector<std::string>& words) {
  std::vector<std::string> known;
  for (const WhatIfKey& key : what_if_keys()) known.emplace_back(key.name);
  std::vector<std::string> edits;
  for (const std::string& word : words) {
    const std::string where = "--what-if " + word + ": ";
    const std::size_t sign = word.find('=');
    const auto factor = sign == std::string::npos ? std::nullopt : factor_of(std::string_view(word).substr(sign + 1));
    if (!factor) {
      throw InputError(where + "must be a name and a change, such as hbm_bandwidth=+10% or hbm_bandwidth=x2");
    }
    std::string key = word.substr(0, sign);
    std::optional<std::string> only;
    if (const std::size_t colon = key.find(':'); colon != std::string::npos) {
      only = key.substr(0, colon);
      key = key.substr(colon + 1);
    }
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      throw InputError(where + "there is no \"" + key + "\"; " + suggestion(key, known));
    }
    if (only && std::find(pools.begin(), pools.end(), *only) == pools.end()) {
      throw InputError(where + "there is no pool \"" + *only + "\"; " + suggestion(*only, pools));
    }
    for (std::size_t i = 0; i < pools.size(); ++i) {
      if (!only || pools[i] == *only) edits.push_back(fmt::format("/pools/{}/what_if/{}={}", i, key, *factor));
    }
  }
  return edits;
}

std::vector<std::string> what_if_edits(const std::string& path, const Catalogue& catalogue, const RunOptions& options,
                                       const std::vector<std::string>& words) {
  if (words.empty()) return {};
  std::vector<std::string> pools;
  for (const PoolSpec& pool : load_scenario(path, catalogue, options).scenario.pools) pools.push_back(pool.name);
  return what_if_edits(pools, words);
}

}  // namespace memwall::tools
