// Measured tables of time against work, as catalogue files write them: two lists of equal length.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/base/affine.hpp"
#include "sim/base/quantity.hpp"
#include "sim/base/reader.hpp"

namespace memwall {

/// Checks two lists and joins them. Faults at `work_key` or `time_key`: no knots, unequal lengths, work that does not
/// start at zero or does not rise, more than 20 knots. After a fault the answer is a table of zeros, which only keeps
/// the reading going. Times that fall are lifted by TimeTable itself, which counts them.
[[nodiscard]] TimeTable join_table(Reader& reader, std::string_view work_key, const std::vector<double>& work,
                                   std::string_view time_key, const std::vector<Seconds>& time);

/// Reads the lists "work" (of dimension Q) and "time" of the object at hand.
template <class Q>
[[nodiscard]] TimeTable read_table(Reader& reader, std::string_view work_doc) {
  std::vector<double> work;
  for (const Q amount : reader.quantities<Q>("work", true, work_doc)) work.push_back(amount.value);
  const auto time = reader.quantities<Seconds>("time", true, "time at each of these amounts of work, not falling");
  return join_table(reader, "work", work, "time", time);
}

/// The table without the time that it takes even for no work, which is `fixed_time(table)`.
[[nodiscard]] TimeTable above_floor(const TimeTable& table);
[[nodiscard]] Seconds fixed_time(const TimeTable& table);

/// The same table with every time multiplied.
[[nodiscard]] TimeTable scaled(const TimeTable& table, double factor);

}  // namespace memwall
