// Prompts that begin alike: groups of requests, each with a prefix of its own, such as a system prompt.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/random.hpp"
#include "sim/base/reader.hpp"
#include "sim/serve/request.hpp"
#include "workloads/generators/lengths.hpp"

namespace memwall {

/// How often a group is asked.
enum class Popularity {
  uniform,   ///< each request draws one of all groups
  zipf,      ///< the same with probabilities that fall with the group's number, by a power
  balanced,  ///< of each run of as many requests as there are groups, every group has one, in a drawn order
};

struct PrefixGroups {
  std::int64_t groups = 0;  ///< 0 = none
  Length tokens;            ///< of the prefix; all requests of a group have the same
  double share = 1;         ///< of the requests that have a prefix at all
  Popularity popularity = Popularity::uniform;
  double exponent = 1;  ///< of zipf
};

/// The prefix of one request.
struct Prefix {
  TokenRange range;
  std::int64_t group = -1;  ///< -1 = none
};

/// Picks prefixes. Keeps one order of the groups where they are balanced, and nothing else.
class PrefixPicker {
 public:
  PrefixPicker(PrefixGroups groups, const DrawKey& key);

  /// The prefix of request number `request`.
  [[nodiscard]] Prefix pick(std::uint64_t request);
  [[nodiscard]] bool shares_tokens() const { return groups_.groups > 0; }

 private:
  std::int64_t group_of(std::uint64_t request);
  std::int64_t balanced(std::uint64_t request);

  PrefixGroups groups_;
  DrawKey key_;
  std::uint64_t round_ = 0;
  std::vector<std::int64_t> order_;  ///< of the groups, in that round
};

/// Reads the object at `key`, where it is there.
[[nodiscard]] PrefixGroups read_prefix_groups(Reader& reader, std::string_view key, std::string_view doc);

}  // namespace memwall
