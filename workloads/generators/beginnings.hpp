// When things begin that may wait for the end of earlier ones: requests, or whole sessions.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>

#include "workloads/generators/arrivals.hpp"

namespace memwall {

/// Where generated traffic ends: whichever comes first.
struct Extent {
  std::int64_t count = std::numeric_limits<std::int64_t>::max();
  Time until = Time::never();  ///< nothing begins later
};

class Beginnings {
 public:
  virtual ~Beginnings() = default;
  /// The next one; Time::never() where none is known now.
  [[nodiscard]] virtual Time next() const = 0;
  /// Takes it, and answers its number from 0 on.
  virtual std::int64_t take() = 0;
  /// Something that had begun has ended.
  virtual void ended(Time now) = 0;
  /// All have been taken, and none will follow.
  [[nodiscard]] virtual bool exhausted() const = 0;
  /// Whether they wait for ends.
  [[nodiscard]] virtual bool closed_loop() const = 0;
};

/// Throws InputError where so many, called `what`, are expected to last longer than the simulated clock.
[[nodiscard]] std::unique_ptr<Beginnings> beginnings(const Arrivals& arrivals, const Extent& extent, const DrawKey& key,
                                                     std::string_view what);

/// When they begin, and how many do.
struct BeginningKeys {
  Arrivals arrivals;
  Extent extent;
};

/// Reads the count under `what`, `duration` and `arrivals`. One of the first two must be there unless arrivals end by
/// themselves.
[[nodiscard]] BeginningKeys read_beginnings(Reader& reader, std::string_view what);

}  // namespace memwall
