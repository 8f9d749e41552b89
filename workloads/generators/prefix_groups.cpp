#include "workloads/generators/prefix_groups.hpp"

#include <numeric>
#include <utility>

#include "sim/base/hash.hpp"

namespace memwall {

PrefixPicker::PrefixPicker(PrefixGroups groups, const DrawKey& key) : groups_(std::move(groups)), key_(key) {}

Prefix PrefixPicker::pick(std::uint64_t request) {
  DrawKey key = key_;
  key.request = request;
  key.purpose = Purpose::prefix_group;
  // The last index of the decision, which no draw of a group reaches.
  if (groups_.groups == 0 || (groups_.share < 1 && random_uniform(key, ~std::uint64_t{0}) >= groups_.share)) return {};
  Prefix prefix;
  prefix.group = group_of(request);
  key.request = static_cast<std::uint64_t>(prefix.group);
  key.purpose = Purpose::prefix_length;
  prefix.range.end = draw_length(groups_.tokens, key);
  prefix.range.stream = Hasher(key_.seed).add("prefix").add(key_.stream).add(key.request).value();
  return prefix;
}

std::int64_t PrefixPicker::group_of(std::uint64_t request) {
  DrawKey key = key_;
  key.request = request;
  key.purpose = Purpose::prefix_group;
  switch (groups_.popularity) {
    case Popularity::uniform: return random_integer(key, 0, groups_.groups - 1);
    case Popularity::zipf: return random_zipf(key, groups_.groups, groups_.exponent) - 1;
    case Popularity::balanced: break;
  }
  return balanced(request);
}

// The orders of Fisher and Yates, drawn for each round by itself.
std::int64_t PrefixPicker::balanced(std::uint64_t request) {
  const auto groups = static_cast<std::uint64_t>(groups_.groups);
  const std::uint64_t round = request / groups;
  if (order_.empty() || round != round_) {
    round_ = round;
    order_.resize(groups);
    std::iota(order_.begin(), order_.end(), 0);
    DrawKey key = key_;
    key.purpose = Purpose::prefix_group;
    for (std::uint64_t i = groups; i-- > 1;) {
      key.request = round * groups + i;
      const auto other = static_cast<std::size_t>(random_integer(key, 0, static_cast<std::int64_t>(i)));
      std::swap(order_[i], order_[other]);
    }
  }
  return order_[request % groups];
}

PrefixGroups read_prefix_groups(Reader& reader, std::string_view key, std::string_view doc) {
  PrefixGroups groups;
  if (!reader.has(key)) return groups;
  reader.object(key, false, doc, [&groups](Reader& keys) {
    groups.groups = keys.integer("count", {.fallback = 1, .low = 1, .high = 100'000'000}, "different prefixes");
    groups.tokens = read_length(keys, "tokens", "of a prefix, before the prompt's own; the same in all of a group");
    groups.share = keys.number("share", {.fallback = 1, .low = 0, .high = 1}, "of the requests that have a prefix");
    keys.variant("popularity",
                 {{"uniform", "every request draws any group", [](Reader&) {}},
                  {"zipf", "some groups are asked far more often than others",
                   [&groups](Reader& own) {
                     groups.popularity = Popularity::zipf;
                     groups.exponent = own.number("exponent", {.fallback = 1, .low = 0, .high = 100},
                                                  "the k-th group is asked in proportion to k^-exponent");
                   }},
                  {"balanced", "all groups equally often, in a drawn order",
                   [&groups](Reader&) { groups.popularity = Popularity::balanced; }}},
                 0, "how often each group is asked");
  });
  return groups;
}

}  // namespace memwall
