// Readers of numbers that several mechanisms share.
#pragma once

#include <string_view>

#include "sim/base/reader.hpp"

namespace memwall {

/// A sourced share of a peak. A fault at the key unless it is above 0 and at most 1.
[[nodiscard]] double read_share(Reader& reader, std::string_view key, std::string_view doc);

/// A sourced count of things. A fault at the key unless it is a whole number of at least 1.
[[nodiscard]] double read_count(Reader& reader, std::string_view key, std::string_view doc);

/// A sourced rate. A fault at the key unless it is above zero.
template <class Q>
[[nodiscard]] Q read_rate(Reader& reader, std::string_view key, std::string_view doc) {
  const Q value = reader.sourced<Q>(key, doc).value;
  if (!(value.value > 0)) reader.fault(key, "must be above zero");
  return value;
}

}  // namespace memwall
